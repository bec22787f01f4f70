/// The `current.yaml` of a new schema, to be filled in.
package enum SchemaSkeleton {
    /// - Parameter common: the newest version of the fields that all events have, as the repository has it
    ///   (`/fragment/common/2.0.0`); nil: they are written out.
    package static func text(title: String, common: String?) -> String {
        let head = """
            title: \(title)
            description: >
              What one event of this schema tells, and when it is made.
            $id: /\(title)/1.0.0
            $schema: https://json-schema.org/draft-07/schema#
            type: object
            additionalProperties: false

            """
        let fields = """
            properties:
              # A field of your own: small letters and _, one type, a sentence that says what it means.
              subject:
                description: What the event is about.
                type: string
                minLength: 1

            """
        let example = """
            # The first example is what canary events are made from. It must be complete and right.
            examples:
              - $schema: { $ref: '#/$id' }
                dt: '2021-01-01T00:00:00Z'
                meta:
                  stream: \(title.split(separator: "/").joined(separator: "."))
                  domain: example.org
                subject: an example

            """
        guard let common else { return head + required + fields + commonFields + example }
        return head + """
            allOf:
              # $schema, meta and dt, which all events have.
              - $ref: \(common)#
            required:
              - subject

            """ + fields + example
    }

    private static let required = """
        required:
          - $schema
          - meta
          - dt
          - subject

        """

    private static let commonFields = """
          $schema:
            description: The name of this schema's version, such as /title/1.0.0.
            type: string
          dt:
            description: When it happened, by the clock of whoever made the event.
            type: string
            format: date-time
            maxLength: 128
          meta:
            type: object
            required:
              - stream
            properties:
              stream:
                description: The stream that the event belongs to.
                type: string
                minLength: 1
              dt:
                description: When the event was received.
                type: string
                format: date-time
                maxLength: 128
              id:
                description: The event's own name, a UUID.
                type: string
              request_id:
                description: The name of the request that caused the event.
                type: string
              domain:
                description: The site that the event is from.
                type: string
                minLength: 1
              uri:
                description: What the event is about, as an address.
                type: string
                format: uri-reference
                maxLength: 8192

        """
}
