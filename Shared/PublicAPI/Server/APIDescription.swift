import HTTPTypes
import NIOCore

extension APIRoutes {
    /// `GET /openapi.yaml`: what the API is, for whoever asks. The file is docs/api/openapi.yaml, which is in the executable.
    mutating func addDescription() {
        let body = ByteBuffer(bytes: PackageResources.openapi_yaml)
        on(.get, "/openapi.yaml", for: .everybody) { request, _ in
            Answer.whole(body, to: request, headers: [.contentType: "application/yaml", .cacheControl: "no-cache"])
        }
    }
}
