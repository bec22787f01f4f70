// The first file of Reactor takes this one's place.
