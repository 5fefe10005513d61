/// A store that can seal all it holds with its newest key, page by page. All methods throw ``StoreError`` and nothing else.
package protocol ResealingStore: Sendable {
    /// Whether rows were being sealed anew, and not all were, when the store was opened.
    var isResealingUnfinished: Bool { get }

    /// Notes, durably, that all rows are to be sealed with the newest key.
    func beginResealing() async throws(StoreError) -> ResealingGoal

    /// Seals with the newest key what another has sealed, a page of at most `limit` rows in one transaction; nothing else of
    /// a row changes. What does not open stays as it is.
    ///
    /// - Parameter position: That of the page before; nil: from the first row.
    func reseal(from position: ResealingPosition?, limit: Int) async throws(StoreError) -> ResealedPage

    /// Notes that a pass through all rows is over.
    ///
    /// - Returns: false, and notes nothing, if another key than `keyID` is the newest by now.
    func endResealing(to keyID: String) async throws(StoreError) -> Bool
}
