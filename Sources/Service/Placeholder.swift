// The first file of Service takes this one's place.
