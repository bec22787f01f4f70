/// How events are sent.
public struct ProducerOptions: Hashable, Sendable {
    /// Events of a request at most.
    public var batchEvents: Int
    /// Bytes of events after which a request is full.
    public var batchBytes: Int
    /// Bytes of a request at most: not more than the server takes (`intake.max_request_bytes`, 4 MiB).
    public var requestLimit: Int
    /// Bytes of an event at most (`intake.max_event_bytes`, 1 MiB).
    public var eventLimit: Int
    /// Seconds of failures in a row after which to give up.
    public var patience: Int
    /// Milliseconds that an event waits for others that can go with it, in a `BatchingProducer`.
    public var linger: Int
    /// Lets the server answer before events are stored: quicker, and what it accepted is lost if it fails just then.
    public var isHasty: Bool
    /// Gives an event without a `meta.id` a random one before it is sent for the first time, so that the server knows it
    /// when it is sent again. Without it, an event whose answer was lost may be stored twice.
    public var addsIDs: Bool

    public init(
        batchEvents: Int = 500, batchBytes: Int = 1 << 20, requestLimit: Int = 4 << 20, eventLimit: Int = 1 << 20,
        patience: Int = 300, linger: Int = 200, isHasty: Bool = false, addsIDs: Bool = true
    ) {
        self.batchEvents = batchEvents
        self.batchBytes = batchBytes
        self.requestLimit = requestLimit
        self.eventLimit = eventLimit
        self.patience = patience
        self.linger = linger
        self.isHasty = isHasty
        self.addsIDs = addsIDs
    }
}
