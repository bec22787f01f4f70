// The first file of EmbeddedLog takes this one's place.
