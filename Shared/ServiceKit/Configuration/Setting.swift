/// One environment variable of Playhead.
public struct Setting: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case text
        /// Bounds included.
        case integer(ClosedRange<Int>)
        /// `1`, `true`, `yes` or `0`, `false`, `no`.
        case flag
        /// One of these words.
        case choice([String])
        /// A whole number and a unit: `ms`, `s`, `m`, `h` or `d`. Bounds included.
        case duration(ClosedRange<Duration>)
    }

    public let name: String
    public let kind: Kind
    /// nil: there is no value unless one is set.
    public let defaultValue: String?
    /// Secrets are redacted when the configuration is logged, and may be given as the content of a file named by `NAME_FILE`.
    public let isSecret: Bool
    public let summary: String

    init(_ name: String, _ kind: Kind, default defaultValue: String? = nil, isSecret: Bool = false, _ summary: String) {
        self.name = name
        self.kind = kind
        self.defaultValue = defaultValue
        self.isSecret = isSecret
        self.summary = summary
    }
}

extension Setting {
    public static let redisURL = Setting(
        "PLAYHEAD_REDIS_URL", .text, default: "redis://127.0.0.1:6379", isSecret: true,
        "Redis: redis://[[user]:password@]host[:port][/database]")
    public static let trustRedisDurability = Setting(
        "PLAYHEAD_REDIS_TRUST_DURABILITY", .flag, default: "0",
        "Lets the edge take events although Redis does not say that it syncs its append-only file before it answers")
    public static let redisMemoryWatermark = Setting(
        "PLAYHEAD_REDIS_MEMORY_WATERMARK", .integer(10...100), default: "85",
        "Percent of Redis' maxmemory from which the edge spools; it goes back to the streams 5 points lower")
    public static let streamTimeoutMs = Setting(
        "PLAYHEAD_STREAM_TIMEOUT_MS", .integer(10...10_000), default: "500",
        "How long the edge waits for Redis before it spools a request's events")
    public static let requestTimeoutMs = Setting(
        "PLAYHEAD_REQUEST_TIMEOUT_MS", .integer(100...60_000), default: "2000",
        "How long the edge takes to answer a request whose body is there")
    public static let syncTimeoutMs = Setting(
        "PLAYHEAD_SYNC_TIMEOUT_MS", .integer(500...60_000), default: "2000",
        "The same for a request with members whose history is written synchronously (playhead route)")
    public static let syncConnections = Setting(
        "PLAYHEAD_SYNC_CONNECTIONS", .integer(1...256), default: "8",
        "Connections of one edge to PostgreSQL for those; none is opened while no member is routed so")
    public static let syncWaiting = Setting(
        "PLAYHEAD_SYNC_WAITING", .integer(0...1_000_000), default: "256",
        "Requests that may wait for one of those connections; further ones are answered 503 at once")
    public static let shadowRedisURL = Setting(
        "PLAYHEAD_SHADOW_REDIS_URL", .text, isSecret: true,
        "Redis of the shadow's copies, as PLAYHEAD_REDIS_URL, better another one; without it no copies are made")
    public static let processorGroup = Setting(
        "PLAYHEAD_PROCESSOR_GROUP", .choice(["history", "shadow"]), default: "history",
        "What a processor applies: the streams of events to the history, or the shadow's copies to schema shadow")
    public static let spoolDirectory = Setting(
        "PLAYHEAD_SPOOL_DIR", .text, "Folder on a persistent volume for events that Redis does not take; without it the edge refuses them")
    public static let spoolMaxMiB = Setting(
        "PLAYHEAD_SPOOL_MAX_MIB", .integer(1...1_048_576), default: "1024", "How much one edge spools, in MiB")
    public static let memberEventsPerSecond = Setting(
        "PLAYHEAD_MEMBER_EVENTS_PER_SECOND", .integer(0...1_000_000), default: "1000",
        "Events a second that the edge takes of one member, ten seconds' worth at once; 0 for no limit")
    public static let postgresURL = Setting(
        "PLAYHEAD_POSTGRES_URL", .text, default: "postgres://playhead@127.0.0.1:5432/playhead", isSecret: true,
        "PostgreSQL: a URI or keyword/value string of libpq")
    public static let postgresReadURL = Setting(
        "PLAYHEAD_POSTGRES_READ_URL", .text, isSecret: true,
        "PostgreSQL that the query service reads from, as a standby; default: PLAYHEAD_POSTGRES_URL")
    public static let partitions = Setting(
        "PLAYHEAD_PARTITIONS", .integer(1...99), default: "16", "Partition streams; recorded in Redis and the same for ever")
    public static let httpHost = Setting(
        "PLAYHEAD_HTTP_HOST", .text, default: "127.0.0.1", "Address that edge and query listen on; beyond loopback they ask for protection")
    public static let httpPort = Setting(
        "PLAYHEAD_HTTP_PORT", .integer(0...65535), "Port of the API: edge 8080, query 8081; 0 takes a free one")
    public static let bodyTimeoutMs = Setting(
        "PLAYHEAD_BODY_TIMEOUT_MS", .integer(10...600_000), default: "10000",
        "How long a client may take to send the body of a request (then 408), or to make room for its answer; then the connection ends")
    public static let bodyMemoryMiB = Setting(
        "PLAYHEAD_BODY_MEMORY_MIB", .integer(1...65_536), default: "64",
        "Memory for the bodies of all requests together, in MiB; past it those above 8 KiB are answered 503")
    public static let idleTimeoutMs = Setting(
        "PLAYHEAD_IDLE_TIMEOUT_MS", .integer(10...3_600_000), default: "60000", "How long a connection may be open without a request")
    public static let maximalConnections = Setting(
        "PLAYHEAD_MAX_CONNECTIONS", .integer(1...1_000_000), default: "20000",
        "Connections of clients that are open at once; further ones wait to be let in")
    public static let adminHost = Setting(
        "PLAYHEAD_ADMIN_HOST", .text, default: "127.0.0.1", "Address of /livez, /readyz and /metrics; they hold nothing of a member")
    public static let adminPort = Setting(
        "PLAYHEAD_ADMIN_PORT", .integer(0...65535),
        "Port of /livez, /readyz, /metrics: edge 9080, query 9081, processor 9082, compactor 9083")
    public static let jwksFile = Setting(
        "PLAYHEAD_JWKS_FILE", .text,
        "JSON Web Key Set that edge and query verify tokens by; read again when it changes. Without it nothing authenticates requests")
    public static let jwtIssuer = Setting("PLAYHEAD_JWT_ISSUER", .text, "The iss that tokens must have; default: any")
    public static let jwtAudience = Setting("PLAYHEAD_JWT_AUDIENCE", .text, "An aud that tokens must have; default: any")
    public static let token = Setting(
        "PLAYHEAD_TOKEN", .text, isSecret: true,
        "Token that the command line sends to edge and query; playhead token makes one for development")
    public static let corsOrigins = Setting(
        "PLAYHEAD_CORS_ORIGINS", .text, "Origins whose web pages may use the API, as https://app.example, separated by commas; * for all")
    public static let insecureNoAuth = Setting(
        "PLAYHEAD_INSECURE_NO_AUTH", .flag, default: "0", "Lets edge and query listen beyond loopback without authentication")
    public static let logLevel = Setting(
        "PLAYHEAD_LOG_LEVEL", .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]), default: "info",
        "Least severity that is logged; debug and trace may name members")
    public static let logFormat = Setting(
        "PLAYHEAD_LOG_FORMAT", .choice(["text", "json"]), default: "text", "One line of text or JSON a message")
    public static let replica = Setting("PLAYHEAD_REPLICA", .text, "A processor's consumer name; default: host name and process id")
    public static let claimIdleMs = Setting(
        "PLAYHEAD_CLAIM_IDLE_MS", .integer(100...86_400_000), default: "30000",
        "How long another consumer may hold an entry before a processor takes it over; longer than it takes to apply one read")
    public static let lanes = Setting(
        "PLAYHEAD_LANES", .integer(1...16), default: "2", "Writers of a processor that work side by side, each with a connection of its own"
    )
    public static let batchEvents = Setting(
        "PLAYHEAD_BATCH_EVENTS", .integer(1...65_536), default: "32768", "Events that a processor folds together at most")
    public static let sessionCacheMiB = Setting(
        "PLAYHEAD_SESSION_CACHE_MIB", .integer(1...65_536), default: "64", "Memory for the sessions that a processor remembers, in MiB")
    public static let trimIntervalMs = Setting(
        "PLAYHEAD_TRIM_INTERVAL_MS", .integer(10...3_600_000), default: "1000", "How often the compactor trims the streams")
    public static let streamRetention = Setting(
        "PLAYHEAD_STREAM_RETENTION", .duration(.zero ... .seconds(604_800)), default: "10m",
        "How long the streams keep entries that every group has acknowledged, to be replayed or for a new group")
    public static let compactAfter = Setting(
        "PLAYHEAD_COMPACT_AFTER", .duration(.seconds(1) ... .seconds(864_000_000)), default: "30d",
        "How long a session is not written before it is compacted")
    public static let compactRate = Setting(
        "PLAYHEAD_COMPACT_SESSIONS_PER_SECOND", .integer(1...1_000_000), default: "5000",
        "Sessions a second that one compactor moves at most")
    public static let historyRetention = Setting(
        "PLAYHEAD_HISTORY_RETENTION", .duration(.seconds(1) ... .seconds(3_153_600_000)),
        "How long viewing is kept after it ended; default: for ever")
    public static let changesRetentionMs = Setting(
        "PLAYHEAD_CHANGES_RETENTION_MS", .integer(1000...604_800_000), default: "600000",
        "How long the change feed keeps a change for followers that are behind")
    public static let liveStreams = Setting(
        "PLAYHEAD_LIVE_STREAMS", .integer(1...1_000_000), default: "10000",
        "Members whose history is followed live at once, by one query service")
    public static let liveHeartbeatMs = Setting(
        "PLAYHEAD_LIVE_HEARTBEAT_MS", .integer(10...60_000), default: "15000", "How often a live stream without changes shows that it lives"
    )
    public static let databaseConnections = Setting(
        "PLAYHEAD_DATABASE_CONNECTIONS", .integer(0...256), default: "0",
        "Connections of the query service to PostgreSQL for short reads; 0: one for each core, at least two")

    /// Every name that may be set. A service reads a part of them, but accepts all: one environment serves them together.
    public static let all: [Setting] = [
        redisURL, trustRedisDurability, redisMemoryWatermark, streamTimeoutMs, requestTimeoutMs, syncTimeoutMs, syncConnections,
        syncWaiting,
        shadowRedisURL, processorGroup, spoolDirectory, spoolMaxMiB,
        memberEventsPerSecond, postgresURL, postgresReadURL, partitions, httpHost, httpPort, bodyTimeoutMs, bodyMemoryMiB, idleTimeoutMs,
        maximalConnections,
        adminHost, adminPort, jwksFile, jwtIssuer, jwtAudience, token, corsOrigins, insecureNoAuth, logLevel, logFormat, replica,
        claimIdleMs, lanes, batchEvents, sessionCacheMiB,
        trimIntervalMs, streamRetention, compactAfter, compactRate, historyRetention, changesRetentionMs, liveStreams, liveHeartbeatMs,
        databaseConnections,
    ]
}
