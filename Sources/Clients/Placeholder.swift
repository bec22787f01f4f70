// The first file of Clients takes this one's place.
