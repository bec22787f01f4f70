// The first file of HTTPClient takes this one's place.
