package import SocketAPI
package import ToolAuthCore

extension ToolBody {
    package init(_ tool: ToolSummary) {
        self.init(
            toolID: tool.toolID.rawValue, title: tool.title, provider: tool.provider, status: tool.status.rawValue,
            reason: tool.reason, isAuthRequired: tool.isAuthRequired)
    }
}

extension StatusBody {
    package init(_ status: ServiceStatus) {
        self.init(
            version: status.version,
            startedAt: status.startedAt.description,
            uptimeSeconds: status.uptime.components.seconds,
            tools: status.tools.map(ToolStatusBody.init),
            nextDueAt: status.nextDueAt?.description,
            lagSeconds: status.lag.inSeconds,
            endpoints: status.endpoints.map(EndpointStatusBody.init),
            held: status.held,
            heldResults: status.heldResults,
            storeProblem: status.storeProblem,
            warnings: status.warnings)
    }
}

extension ToolStatusBody {
    package init(_ tool: ServiceStatus.Tool) {
        self.init(
            toolID: tool.toolID.rawValue,
            status: tool.status.rawValue,
            reason: tool.reason,
            records: [
                "healthy": tool.counts.healthy, "degraded": tool.counts.degraded,
                "needs_reauthorization": tool.counts.needsReauthorization,
            ])
    }
}

extension EndpointStatusBody {
    package init(_ endpoint: ServiceStatus.Endpoint) {
        self.init(
            endpoint: endpoint.endpoint.rawValue, open: endpoint.isOpen, heldUntil: endpoint.heldUntil?.description,
            broken: endpoint.isBroken, inflight: endpoint.inFlight, queued: endpoint.queued)
    }
}

extension HealthBody {
    package init(_ health: ServiceHealth) {
        switch health {
        case .ok: self.init(status: "ok", detail: nil)
        case .degraded(let detail): self.init(status: "degraded", detail: detail)
        case .failed(let detail): self.init(status: "failed", detail: detail)
        }
    }
}
