// The first file of ServerSentEvents takes this one's place.
