// The first file of Compression takes this one's place.
