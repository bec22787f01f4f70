// The first file of HTTPServer takes this one's place.
