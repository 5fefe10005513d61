import OAuth
import Testing

@Suite("Where requests may go")
struct AddressRulesTests {
    @Test(
        "names and addresses of the internet are anywhere",
        arguments: [
            "auth.example.com", "localhost.example.com", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1",
            "100.128.0.1",
            "192.0.2.1", "[2606:4700::1111]", "[::ffff:8.8.8.8]", "[64:ff9b::808:808]", "[2002:808:808::1]",
            "1.example.com",
            "0x7f.example.com", "auth.example.com.",
        ])
    func anywhere(host: String) {
        #expect(AddressRules.reach(of: host) == .anywhere)
    }

    @Test(
        "this machine is loopback",
        arguments: [
            "127.0.0.1", "127.9.8.7", "[::1]", "[0:0:0:0:0:0:0:1]", "localhost", "x.localhost", "localhost.",
            "x.localhost.",
        ])
    func loopback(host: String) {
        #expect(AddressRules.reach(of: host) == .loopback)
    }

    @Test(
        "addresses that are no place of a provider are private",
        arguments: [
            "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255",
            "192.168.1.1", "192.0.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "[::]", "[fc00::1]", "[fd12::1]",
            "[fe80::1]", "[fec0::1]", "[ff02::1]", "[::ffff:10.0.0.1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]",
            "[64:ff9b::a00:1]", "[2002:7f00:1::]", "[2002:a00:1::]",
        ])
    func privateAddresses(host: String) {
        #expect(AddressRules.reach(of: host) == .private)
    }

    @Test(
        "digits that some read as an address are ambiguous",
        arguments: [
            "127.1", "2130706433", "0x7f.1", "0x7f000001", "017700000001", "1.2.3.4.5", "127.0.0.1.", "example.1",
            "a..b", ".a", "0x", "[::1::]", "[1.2.3.4]", "localhost..", ".",
        ])
    func ambiguous(host: String) {
        #expect(AddressRules.reach(of: host) == .ambiguous)
    }

    @Test(
        "plain http goes to loopback alone, and only when allowed; private addresses need leave of their own",
        arguments: [
            ("https://auth.example.com/t", false, false, nil),
            ("http://auth.example.com/t", true, true, "is not https"),
            ("http://127.0.0.1:8080/t", true, false, nil), ("https://localhost/t", true, false, nil),
            ("http://[::1]:8080/t", true, false, nil),
            (
                "http://127.0.0.1/t", false, true,
                "is on this machine (127.0.0.1); only with allow_http_loopback, which is for tests"
            ),
            (
                "https://localhost/t", false, true,
                "is on this machine (localhost); only with allow_http_loopback, which is for tests"
            ),
            ("https://10.0.0.1/t", false, true, nil), ("http://10.0.0.1/t", true, true, "is not https"),
            ("https://10.0.0.1/t", true, false, "is a private address (10.0.0.1); only with allow_private_addresses"),
            ("https://127.1/t", true, true, "has '127.1' as its host, which is neither a name nor a plain address"),
        ])
    func rules(url: String, allowsLoopback: Bool, allowsPrivate: Bool, problem: String?) throws {
        let parsed = try EndpointURL(url)
        #expect(AddressRules(allowsLoopback: allowsLoopback, allowsPrivate: allowsPrivate).problem(parsed) == problem)
    }
}
