// The first file of Streaming takes this one's place.
