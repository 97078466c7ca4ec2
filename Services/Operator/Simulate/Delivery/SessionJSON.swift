import JSONBytes
import Models

/// The events of one session as the edge reads them, with what they have in common written once.
struct SessionJSON: Sendable {
    private let head: [UInt8]
    private let runtime: [UInt8]
    private let device: [UInt8]

    init(memberId: OpaqueID, sessionId: OpaqueID, titleId: OpaqueID, runtimeMs: Int64?, deviceId: String, deviceType: String) {
        var head: [UInt8] = []
        head.append(json: #"{"memberId":"#)
        head.append(quoted: memberId.text)
        head.append(json: #","sessionId":"#)
        head.append(quoted: sessionId.text)
        head.append(json: #","titleId":"#)
        head.append(quoted: titleId.text)
        self.head = head
        var runtime: [UInt8] = []
        runtime.append(json: #","runtimeMs":"#)
        runtime.append(decimal: runtimeMs ?? 0)
        self.runtime = runtime
        var device: [UInt8] = []
        device.append(json: #","deviceId":"#)
        device.append(quoted: deviceId)
        device.append(json: #","deviceType":"#)
        device.append(quoted: deviceType)
        self.device = device
    }

    func write(_ event: SimulatedEvent, seq: Int, startedAt: Timestamp, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: head)
        bytes.append(json: #","seq":"#)
        bytes.append(decimal: Int64(seq))
        bytes.append(json: #","kind":""#)
        bytes.append(contentsOf: event.kind.rawValue.utf8)
        bytes.append(json: #"","positionMs":"#)
        bytes.append(decimal: event.positionMs)
        if let origin = event.fromPositionMs {
            bytes.append(json: #","fromPositionMs":"#)
            bytes.append(decimal: origin)
        }
        bytes.append(json: #","occurredAt":"#)
        bytes.append(decimal: startedAt + event.atMs)
        if event.tellsRuntime { bytes.append(contentsOf: runtime) }
        if event.tellsDevice { bytes.append(contentsOf: device) }
        bytes.append(UInt8(ascii: "}"))
    }
}
