import ToolAuthCore

extension SecretMemory.Usage {
    /// What an administrator should know of it, as a sentence; nil: all of it is locked.
    var warning: String? {
        guard unlocked > 0 else { return nil }
        return
            "\(unlocked >> 10) KiB of secrets lie in memory that the kernel does not lock, so they may be written to swap; "
            + "raise LimitMEMLOCK= of the unit."
    }
}
