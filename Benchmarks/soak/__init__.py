"""A server under load, attacks and faults for an hour: is anything lost or repeated, does it grow? Start it by script/soak."""
