print("eventstreams")
