"""All tables, so that one import knows the whole schema."""

from __future__ import annotations

from api.db.base import Base
from api.db.tables_amtshilfe import AmtshilfeCase, Task, TaskState
from api.db.tables_board import SavedFilter
from api.db.tables_clearances import Clearance, ClearanceKind, ClearanceState, DispatchRecord
from api.db.tables_fleet import Away, CrewRow, DutyRow, VehicleRow
from api.db.tables_guidance import (
    Contact,
    ContactBody,
    GuidancePage,
    GuidanceQuestion,
    GuidanceTopic,
    GuidanceVersion,
    PageState,
    QuestionState,
)
from api.db.tables_patterns import PatternDay, ShiftPattern, WorkingTimeChoice
from api.db.tables_people import Account, ApiKey, Organisation, OrganisationKind, Session
from api.db.tables_records import (
    AuditEntry,
    IdempotencyKey,
    LedgerEntry,
    Notice,
    OutboxMessage,
    ParameterSetRow,
    WebhookEndpoint,
)
from api.db.tables_reports import CountKind, MeasureCount, MeasureFact
from api.db.tables_requests import (
    Approval,
    ApprovalState,
    Bar,
    Decision,
    Override,
    PickupAddress,
    TransportRequest,
)
from api.db.tables_retention import AuditAnchor, DeletionRecord, HistoryEntry
from api.db.tables_runs import Proposal, Run, RunEvent, RunInput, RunKind, RunState, Standing, TourStop, WorkerSeen
from api.db.tables_simulations import ScenarioRow, Simulation, SimulationKind, SimulationResult

__all__ = [
    "Account",
    "AmtshilfeCase",
    "ApiKey",
    "Approval",
    "ApprovalState",
    "AuditAnchor",
    "AuditEntry",
    "Away",
    "Bar",
    "Base",
    "Clearance",
    "ClearanceKind",
    "ClearanceState",
    "Contact",
    "ContactBody",
    "CountKind",
    "CrewRow",
    "Decision",
    "DeletionRecord",
    "DispatchRecord",
    "DutyRow",
    "GuidancePage",
    "GuidanceQuestion",
    "GuidanceTopic",
    "GuidanceVersion",
    "HistoryEntry",
    "IdempotencyKey",
    "LedgerEntry",
    "MeasureCount",
    "MeasureFact",
    "Notice",
    "Organisation",
    "OrganisationKind",
    "OutboxMessage",
    "Override",
    "PageState",
    "ParameterSetRow",
    "PatternDay",
    "PickupAddress",
    "Proposal",
    "QuestionState",
    "Run",
    "RunEvent",
    "RunInput",
    "RunKind",
    "RunState",
    "SavedFilter",
    "ScenarioRow",
    "Session",
    "ShiftPattern",
    "Simulation",
    "SimulationKind",
    "SimulationResult",
    "Standing",
    "Task",
    "TaskState",
    "TourStop",
    "TransportRequest",
    "VehicleRow",
    "WebhookEndpoint",
    "WorkerSeen",
    "WorkingTimeChoice",
]
