import HistoryFormats
import JSONBytes
import Models

/// What was viewed of a title, day by day.
enum TitleAnswer {
    /// - Parameters:
    ///   - from: as all days here, since 1970-01-01.
    ///   - days: those without viewing are left out.
    static func json(_ title: OpaqueID, from: Int64, to: Int64, _ days: [Int64: ViewingDay]) -> [UInt8] {
        var json: [UInt8] = []
        json.append(json: #"{"titleId":"#)
        json.append(quoted: title.text)
        json.append(json: #","from":"#)
        json.append(quoted: CalendarDay.text(from))
        json.append(json: #","to":"#)
        json.append(quoted: CalendarDay.text(to))
        json.append(json: #","items":"#)
        json.append(list: days.sorted { $0.key < $1.key }) { entry, json in
            json.append(json: #"{"day":"#)
            json.append(quoted: CalendarDay.text(entry.key))
            json.append(json: #","views":"#)
            json.append(decimal: entry.value.views)
            json.append(json: #","watchedMs":"#)
            json.append(contentsOf: String(entry.value.watchedMs).utf8)
            json.append(json: #","completions":"#)
            json.append(decimal: entry.value.completions)
            json.append(json: #","viewers":"#)
            json.append(decimal: entry.value.viewers)
            json.append(json: "}")
        }
        json.append(json: "}")
        return json
    }
}
