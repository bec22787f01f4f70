package import EventStreamsClient

/// What `doctor` does.
package struct DoctorOptions: Hashable, Sendable {
    /// A stream, such as `https://HOST/v2/stream/recentchange`.
    package var url: String
    /// Seconds to watch for what takes time.
    package var seconds: Int
    package var connection: ClientOptions
    /// Prints the findings as one JSON object.
    package var isJSON: Bool
    package var colours: ColourChoice

    package init(
        url: String, seconds: Int = 20, connection: ClientOptions = ClientOptions(), isJSON: Bool = false,
        colours: ColourChoice = .auto
    ) {
        self.url = url
        self.seconds = seconds
        self.connection = connection
        self.isJSON = isJSON
        self.colours = colours
    }
}
