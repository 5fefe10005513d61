import Refresh
import Testing
import ToolAuthCore

@Suite("The token bucket")
struct TokenBucketTests {
    func bucket(_ requests: Int, per seconds: Int) -> TokenBucket {
        TokenBucket(
            RefreshPolicy.Rate(requests: requests, per: .seconds(seconds), scope: .client), now: start)
    }

    /// How many requests go out at `now`.
    func drain(_ bucket: inout TokenBucket, at now: Timestamp) -> Int {
        var taken = 0
        while bucket.availableAt(now: now) == nil, taken < 1000 {
            bucket.take(now: now)
            taken += 1
        }
        return taken
    }

    @Test(
        "as many go out at once as are allowed, and then one each interval",
        arguments: [(1, 60, 60.0), (2, 60, 30.0), (20, 60, 3.0), (10, 1, 0.1)])
    func paced(requests: Int, per: Int, interval: Double) {
        var bucket = bucket(requests, per: per)
        let atOnce = drain(&bucket, at: start)
        #expect(atOnce == requests)
        #expect(bucket.availableAt(now: start) == start + .seconds(interval))
        let later = drain(&bucket, at: start + .seconds(interval))
        #expect(later == 1)
    }

    @Test("in no span of its length go out more than twice as many as are allowed, and after a rest as many at once")
    func never() {
        var bucket = bucket(5, per: 10)
        var taken = 0
        for second in 0...10 { taken += drain(&bucket, at: start + .seconds(second)) }
        #expect(taken == 10)
        let rested = drain(&bucket, at: start + .seconds(3600))
        #expect(rested == 5)
    }

    @Test("a full one has nothing to remember")
    func full() {
        var bucket = bucket(2, per: 60)
        #expect(bucket.isFull(now: start))
        bucket.take(now: start)
        #expect(!bucket.isFull(now: start + .seconds(29)))
        #expect(bucket.isFull(now: start + .seconds(30)))
    }
}
