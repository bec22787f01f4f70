// The first file of Configuration takes this one's place.
