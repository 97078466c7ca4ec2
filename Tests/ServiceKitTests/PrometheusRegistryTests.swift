import CoreMetrics
import Foundation
import ServiceKit
import Testing

@Suite struct PrometheusRegistryTests {
    @Test func countersGaugesAndHistogramsAreWrittenAsText() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "b_total", dimensions: [("outcome", "good")]).increment(by: 3)
        registry.makeCounter(label: "b_total", dimensions: [("outcome", "good")]).increment(by: 4)
        registry.makeCounter(label: "b_total", dimensions: [("outcome", "a \"b\" \\ c\n")]).increment(by: 1)
        registry.makeMeter(label: "a_bytes", dimensions: []).set(Int64(7))
        let timer = registry.makeTimer(label: "c_seconds", dimensions: [])
        timer.recordNanoseconds(900_000)
        timer.recordNanoseconds(30_000_000_000)
        let text = registry.exposition()
        #expect(text.hasPrefix("# TYPE a_bytes gauge\na_bytes 7.0\n# TYPE b_total counter\n"))
        #expect(text.contains("b_total{outcome=\"good\"} 7.0\n"))
        #expect(text.contains(#"b_total{outcome="a \"b\" \\ c\n"} 1.0"#))
        #expect(text.contains("c_seconds_bucket{le=\"0.0005\"} 0\nc_seconds_bucket{le=\"0.001\"} 1\n"))
        #expect(text.contains("c_seconds_bucket{le=\"10.0\"} 1\nc_seconds_bucket{le=\"60.0\"} 2\n"))
        #expect(text.contains("c_seconds_bucket{le=\"+Inf\"} 2\n"))
        #expect(text.contains("c_seconds_count 2\n"))
        #expect(text.components(separatedBy: "# TYPE b_total").count == 2, "one TYPE line for all label sets")
    }
}
