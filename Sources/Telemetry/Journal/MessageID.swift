/// The kind of a journal entry, as its `MESSAGE_ID`: what `journalctl MESSAGE_ID=…` selects by and what a message
/// catalogue explains. Once released, an id never changes and is never given to another kind.
package enum MessageID: String, Sendable, CaseIterable {
    // MARK: Grants and tools, one for each kind of ToolAuthEvent

    case connected = "1618f4f9f0c24c40b434277f47a81796"
    case refreshed = "b0c9ddffb1a544268fb8d8ad696c8818"
    case degraded = "d87f62046927429fa325b7b1883de0bd"
    case recovered = "300fd62fc24b4f6a80a3812cf24e69ab"
    case reauthorizationRequired = "d569a0d7a68942699f81a4985ea781e4"
    case reauthorizationDue = "3bdb73e1c3b143858675462e32d6a44f"
    case deleted = "a87f78bb0fee418397d72fc3e2a00e26"
    case revocationFailed = "38c52a4964624f1d86c5e835b27df2d6"
    case toolPaused = "ea79b772e60e42a485c7210ab0450593"
    case toolResumed = "5e84519d5a814aa39f4dda70b42f6457"
    case configurationReloaded = "9c9a1feb5cfb476a9041762c1208c174"

    // MARK: Sums

    /// How many tokens of a tool were refreshed within a minute.
    case refreshSummary = "6b0db2f858504d7d9aeca45b7e493270"
    /// How many alike entries of a tool were left out.
    case floodSummary = "7205dae87c764cffabdc52e95c0de2ed"

    // MARK: Refresh attempts

    /// How one attempt ended, whether or not that changed the grant's status.
    case attemptEnded = "d94c4a5868c845b5b6a891e6df876861"

    // MARK: Audit

    /// A token was handed out, or was handed out again so often.
    case tokenIssued = "8441df7c44884854bb8a81eda49db5a7"

    // MARK: Revocation

    /// A deleted grant was revoked at the provider.
    case revoked = "21a1fbed2b824c93a1e63b3d78722da1"

    // MARK: The daemon

    case started = "977e6ffe4cbf49888300172da5cab918"
    case ready = "4b5d62a675c742ecbead034c9d1f797f"
    case stopping = "3475598f58aa445f9fd839e42c5d7d1e"
    case storeRefused = "a4bb1967098e4d9f803581dbc54e69d4"
    case configurationError = "f6ac465b40994458afb70303bf06a4ed"
    case internalError = "e55fea95110d4d0d88ad92ba66c51afc"

    /// A backup of the store is read.
    case backupTaken = "fc73f0d4cd174a2296843774091e96c0"
    /// Something of the configuration has no effect.
    case settingIgnored = "2f5407da5c0646828514968a33944651"
    /// A part of the daemon makes no progress, and the watchdog is not fed.
    case noProgress = "73f92c38ddc24532b797ca8693fc6b84"
    /// The service manager does not take what it is told.
    case managerNotTold = "d43b4e65b34d4c44bc89b6692795aff5"
    /// Rules that name a unit let nobody in.
    case unitRulesOff = "209a50f7d16347168c3abcf52c7b55d0"

    // MARK: Keys

    case keyAdded = "a12a58b7febe418eb366b0c03c8506c6"
    case keyRetired = "81e807e8c9e64773919f465d2d94f26b"
    case keyRotationStarted = "dfb88f6c2a5f4ffeaa56ac5389b4059f"
    case keyRotationEnded = "d9ab027a7d3f475c80f431b857e49b75"
    case keyRotationFailed = "7b45de4aa2e64033ba3c263fb866c8d2"

    // MARK: What stands in the way of refreshing, and its end

    case held = "bd27d4a512c44155a4533c39b2286d2e"
    case resumed = "280aa82f533842538279e43c1faefaf0"
    case storeFailing = "4b938bad58de450c8593fe6f760a275f"
    case storeRecovered = "e2558ce050964142ae4ec02fa62bdf09"
    case scanFailed = "6d4ab706b31e43739dde39fe5570e6c2"
    /// Something could not be read or stored, and nothing is lost by that.
    case storeErred = "195e72fb80e64225a4e27ed20b387e1b"
    /// The daemon ended while tokens were in memory alone.
    case tokensLost = "dec26b97531e4cb68e48821e40626b3f"
    case recordFailing = "82751d26e4a2492f89410eb73bc0fcdc"
    case endpointFailing = "d37f267f7b2e4ed3a37782a93b25d930"
    case endpointRecovered = "5e421912b9e74b1cb29ff6dd34600b0a"

    // MARK: Clocks

    case clockStepped = "fcbbda650d954fdfa75677dc02236419"
    case clockWasAhead = "1774781d22aa4b4db9c2455911b6f132"
    case providerClockSkewed = "b0d506ef9922421a882e9ac1a99d0159"
}
