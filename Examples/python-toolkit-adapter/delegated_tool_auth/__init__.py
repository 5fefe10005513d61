"""Tool authentication classes that leave the work to toolauthd. Python 3.11 and its library are all they need."""

from .authentication import DelegatedToolAuthentication, RefusedToolAuth
from .client import ToolauthdClient
from .errors import (
    CallbackRefusedError,
    ConsentRequiredError,
    DaemonUnavailableError,
    ForbiddenError,
    ProblemError,
    ProtocolError,
    ProviderRefusedError,
    ToolAuthError,
    TryAgainLaterError,
    UnknownToolError,
)
from .records import Authorization, Completion, Grant, ToolAuth
from .session import SessionToolAuthentication

__all__ = [
    "Authorization",
    "CallbackRefusedError",
    "Completion",
    "ConsentRequiredError",
    "DaemonUnavailableError",
    "DelegatedToolAuthentication",
    "ForbiddenError",
    "Grant",
    "ProblemError",
    "ProtocolError",
    "ProviderRefusedError",
    "RefusedToolAuth",
    "SessionToolAuthentication",
    "ToolAuth",
    "ToolAuthError",
    "ToolauthdClient",
    "TryAgainLaterError",
    "UnknownToolError",
]
