import ToolAuthCore

/// A duration as people say it, in its largest unit, rounded down: `42 s`, `59 min`, `47 h`, `12 d`.
///
/// Hours go on to two days, since "1 d" says too little there.
func spoken(_ duration: Duration) -> String {
    let seconds = max(0, duration.components.seconds)
    return switch seconds {
    case ..<60: "\(seconds) s"
    case ..<3600: "\(seconds / 60) min"
    case ..<(48 * 3600): "\(seconds / 3600) h"
    default: "\(seconds / 86_400) d"
    }
}

/// An instant seen from another: `in 42 min`, `3 min ago`, `now` within a second.
func relative(_ instant: Timestamp, to now: Timestamp) -> String {
    let distance = instant - now
    if distance >= .seconds(1) { return "in \(spoken(distance))" }
    if distance <= .seconds(-1) { return "\(spoken(.zero - distance)) ago" }
    return "now"
}

/// An RFC 3339 time of the API seen from `now`; the text itself where it is not one.
func relative(rfc3339 text: String, to now: Timestamp) -> String {
    Timestamp(rfc3339: text).map { relative($0, to: now) } ?? text
}
