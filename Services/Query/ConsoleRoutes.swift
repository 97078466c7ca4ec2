import HTTPTypes
import Hummingbird
import NIOCore
import PublicAPI

/// The web console at `/`: a page, its style and its scripts, all of them in the executable.
struct ConsoleRoutes: Sendable {
    // Valid field names, so never nil.
    private static let contentSecurityPolicy = HTTPField.Name("Content-Security-Policy")!
    private static let referrerPolicy = HTTPField.Name("Referrer-Policy")!

    /// Titles are hostile text: should one ever be taken for markup, it can load and run nothing.
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; \
        form-action 'none'; frame-ancestors 'none'
        """

    private static let scripts: [(name: String, content: [UInt8])] = [
        ("api", PackageResources.api_js),
        ("chart", PackageResources.chart_js),
        ("console", PackageResources.console_js),
        ("continue-row", PackageResources.continue_row_js),
        ("dom", PackageResources.dom_js),
        ("event-stream", PackageResources.event_stream_js),
        ("export", PackageResources.export_js),
        ("format", PackageResources.format_js),
        ("hiding", PackageResources.hiding_js),
        ("history", PackageResources.history_js),
        ("history-list", PackageResources.history_list_js),
        ("history-pages", PackageResources.history_pages_js),
        ("history-store", PackageResources.history_store_js),
        ("live", PackageResources.live_js),
        ("pipeline", PackageResources.pipeline_js),
        ("retry", PackageResources.retry_js),
        ("routes", PackageResources.routes_js),
        ("search", PackageResources.search_js),
        ("table", PackageResources.table_js),
        ("token", PackageResources.token_js),
        ("undo", PackageResources.undo_js),
    ]

    func add(to routes: inout APIRoutes) {
        Self.serve(PackageResources.index_html, as: "text/html; charset=utf-8", at: "/", in: &routes)
        Self.serve(PackageResources.console_css, as: "text/css; charset=utf-8", at: "/console/console.css", in: &routes)
        for script in Self.scripts {
            Self.serve(script.content, as: "text/javascript; charset=utf-8", at: "/console/\(script.name).js", in: &routes)
        }
    }

    /// Members of an organisation share the page, so it may be kept; it is asked for again each time, as it changes with the executable.
    private static func serve(_ content: [UInt8], as type: String, at path: String, in routes: inout APIRoutes) {
        let body = ByteBuffer(bytes: content)
        let headers: HTTPFields = [
            .contentType: type, .cacheControl: "no-cache", contentSecurityPolicy: policy, referrerPolicy: "no-referrer",
        ]
        routes.on(.get, path, for: .everybody) { request, _ in Answer.whole(body, to: request, headers: headers) }
    }
}
