package import EventStreamsClient

/// What `top` does.
package struct TopOptions: Hashable, Sendable {
    /// The stream, with what an event must fulfil.
    package var request: StreamRequest
    /// The fields whose values are counted, together.
    package var fields: [String]
    /// Rows at most; nil: as many as the screen has, 20 where there is none.
    package var rows: Int?
    /// Seconds between two looks: those that `once` counts for.
    package var interval: Int
    /// Prints one table and ends.
    package var isOnce: Bool
    package var connection: ClientOptions
    package var colours: ColourChoice

    package init(
        request: StreamRequest, fields: [String], rows: Int? = nil, interval: Int = 2, isOnce: Bool = false,
        connection: ClientOptions = ClientOptions(), colours: ColourChoice = .auto
    ) {
        self.request = request
        self.fields = fields
        self.rows = rows
        self.interval = interval
        self.isOnce = isOnce
        self.connection = connection
        self.colours = colours
    }
}
