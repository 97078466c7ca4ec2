import TestSupport

/// Bodies that are damaged: every shape, every field, every way to write a value; and what was found to be hard.
enum EventCorpus {
    /// Of one line each.
    static let events: [String] = [
        #"{"memberId":"m","sessionId":"s","seq":1,"kind":"progress","titleId":"t","positionMs":5,"occurredAt":1763700000000}"#,
        #"""
        {"kind":"start","seq":0,"memberId":"m-17","sessionId":"018f3c5e-1111-7000-8000-0123456789ab","titleId":"80117401",\#
        "positionMs":0,"runtimeMs":5400000,"occurredAt":"2026-11-20T20:15:03.123Z","deviceId":"tv-1","deviceType":"tv"}
        """#,
        #"""
        {"memberId":"m-9","sessionId":"s","seq":3,"kind":"seek","titleId":"Caf\u00e9","positionMs":1e3,"fromPositionMs":17,\#
        "occurredAt":"2026-11-20T20:15:03-08:00","deviceType":null,"app":{"version":[1,2],"name":"x"}}
        """#,
        #"""
        { "seq" : 9.0 , "kind" : "s\u0074op", "titleId" : "Café 📺", "memberId" : "é", "positionMs" : 1234567, \#
        "sessionId" : "e\u0301", "occurredAt" : 1763700000000, "fromPositionMs": "of no meaning here" }
        """#,
    ]

    /// What is no event, but JSON mostly.
    private static let others: [String] = [
        "{}", "[]", "null", "7", #""text""#, "[1]", "[[]]", #"{"events":7}"#, #"{"events":[],"events":[]}"#,
        #"{"sentAt":"soon","events":[]}"#, #"{"sentAt":null,"events":[{}]}"#, "\u{feff}{}", "", " \n", #"{"a":"b"#, "[1,]", "[1]\u{0}",
        #"{"memberId":"m","memberId":"n","seq":1}"#, #"{"seq":null,"s\u0065q":1}"#, #"{"kind":"explode"}"#,
    ]

    static let bodies = ByteMutator.json(corpus: others + events + arrays + envelopes, values: values)

    private static let arrays: [String] = events.map { (event: String) -> String in "[\(event), \(events[0])]" }

    private static let envelopes: [String] = {
        let all = events.joined(separator: " ,\n\t")
        let single = events.map { (event: String) -> String in #"{"sentAt":1763700060000,"events":[\#(event)]}"# }
        return single + [#"{"events" : [ \#(all) ] , "sentAt" : "2026-11-20T20:15:03Z" }"#]
    }()

    static let lines = ByteMutator.json(corpus: events + others.filter { !$0.contains("\n") }, values: values.filter { !$0.contains("\n") })

    private static let values: [String] = [
        #""start""#, #""progress""#, #""pause""#, #""resume""#, #""seek""#, #""stop""#, #""complete""#, #""2026-02-30T00:00:00Z""#,
        #""2026-11-20T20:15:03.123456+01:00""#, #""9999-12-31T23:59:59.999Z""#, #""1999-12-31T23:59:59.999Z""#, "946684799999",
        "946684800000", "253402300799999", "253402300800000", "1763700000000",
    ]
}
