// The first file of EventLogTestKit takes this one's place.
