extension RFC3339 {
    /// Reads the grammar of RFC 3339 section 5.6 from left to right; every method gives nil at the first byte that does not fit.
    struct Scanner {
        let bytes: UnsafeBufferPointer<UInt8>
        private var index = 0

        init(bytes: UnsafeBufferPointer<UInt8>) {
            self.bytes = bytes
        }

        mutating func dateTime() -> Timestamp? {
            guard let year = number(4), skip("-"), let month = number(2), skip("-"), let day = number(2), skip("T") || skip("t"),
                let hour = number(2), skip(":"), let minute = number(2), skip(":"), let second = number(2),
                let millisecond = fraction(), let offset = offset(), index == bytes.count
            else { return nil }
            // 60 is a leap second: it counts as the first second of the next minute.
            guard (1...12).contains(month), (1...daysIn(month: month, year: year)).contains(day), hour < 24, minute < 60, second <= 60
            else { return nil }
            let days = RFC3339.daysSinceEpoch(year: year, month: month, day: day)
            return ((days * 24 + hour) * 60 + minute - offset) * 60_000 + second * 1000 + millisecond
        }

        private mutating func fraction() -> Int64? {
            guard skip(".") else { return 0 }
            var digits = 0
            var milliseconds: Int64 = 0
            while index < bytes.count, let digit = digit(bytes[index]) {
                if digits < 3 { milliseconds = milliseconds * 10 + digit }
                digits += 1
                index += 1
            }
            guard digits > 0 else { return nil }
            for _ in min(digits, 3)..<3 { milliseconds *= 10 }
            return milliseconds
        }

        /// Minutes east of UTC.
        private mutating func offset() -> Int64? {
            if skip("Z") || skip("z") { return 0 }
            let sign: Int64
            if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
            guard let hour = number(2), skip(":"), let minute = number(2), hour < 24, minute < 60 else { return nil }
            return sign * (hour * 60 + minute)
        }

        private mutating func number(_ digits: Int) -> Int64? {
            guard index + digits <= bytes.count else { return nil }
            var value: Int64 = 0
            for _ in 0..<digits {
                guard let digit = digit(bytes[index]) else { return nil }
                value = value * 10 + digit
                index += 1
            }
            return value
        }

        private mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
            index += 1
            return true
        }

        private func digit(_ byte: UInt8) -> Int64? {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int64(byte - UInt8(ascii: "0")) : nil
        }

        private func daysIn(month: Int64, year: Int64) -> Int64 {
            switch month {
            case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
            case 4, 6, 9, 11: 30
            default: 31
            }
        }
    }
}
