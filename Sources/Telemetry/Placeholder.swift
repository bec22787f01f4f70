// The first file of Telemetry takes this one's place.
