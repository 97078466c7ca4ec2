import Models

/// The fields of one JSON event, read with an error that names the field. `null` is an absent field.
struct EventFields {
    enum Key: String, CodingKey {
        case memberId, sessionId, seq, kind, titleId, positionMs, fromPositionMs, runtimeMs, occurredAt, deviceId, deviceType
    }

    let container: KeyedDecodingContainer<Key>

    func text(_ key: Key) throws(EventFault) -> String {
        guard let text = try optionalText(key) else { throw missing(key) }
        return text
    }

    func optionalText(_ key: Key) throws(EventFault) -> String? {
        do {
            return try container.decodeIfPresent(String.self, forKey: key)
        } catch {
            throw EventFault(field: key.rawValue, "\(key.rawValue) must be a string of valid Unicode")
        }
    }

    func integer(_ key: Key, from least: Int64) throws(EventFault) -> Int64 {
        guard let integer = try optionalInteger(key, from: least) else { throw missing(key) }
        return integer
    }

    func optionalInteger(_ key: Key, from least: Int64) throws(EventFault) -> Int64? {
        do {
            return try container.decodeIfPresent(Int64.self, forKey: key)
        } catch {
            throw EventFault(field: key.rawValue, "\(key.rawValue) must be an integer from \(least) to 2^53")
        }
    }

    /// RFC 3339 text or epoch milliseconds.
    func time(_ key: Key) throws(EventFault) -> Timestamp {
        guard let time = try? container.decodeIfPresent(RequestTime.self, forKey: key) else {
            if (try? container.decodeNil(forKey: key)) ?? true { throw missing(key) }
            throw EventFault(field: key.rawValue, RequestTime.rule(for: key.rawValue))
        }
        return time.milliseconds
    }

    private func missing(_ key: Key) -> EventFault {
        EventFault(field: key.rawValue, "\(key.rawValue) is required")
    }
}

/// A time in a request: RFC 3339 text or epoch milliseconds.
struct RequestTime: Decodable {
    let milliseconds: Timestamp

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let milliseconds = try? container.decode(Int64.self) {
            self.milliseconds = milliseconds
        } else if let time = RFC3339.parse(try container.decode(String.self)) {
            milliseconds = time
        } else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: Self.rule(for: "the time"))
        }
    }

    static func rule(for field: String) -> String {
        "\(field) must be an RFC 3339 time such as 2026-11-20T20:15:03.123Z, or milliseconds since 1970"
    }
}
