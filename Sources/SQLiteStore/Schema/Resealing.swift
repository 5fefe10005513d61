extension Schema {
    /// A start then goes on with what a crash interrupted.
    static let resealing = """
        -- Whether all rows are being sealed with the newest key.
        ALTER TABLE store_state ADD COLUMN resealing INTEGER NOT NULL DEFAULT 0;
        """
}
