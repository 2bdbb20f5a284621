"""What flows ask to have done, as plain values; `bot/services` performs them."""

from bot.commands.advice import (
    AddSupporter,
    CallSupport,
    DropRun,
    NoteStep,
    OpenAdvice,
    PutFirst,
    RemoveSupporter,
    SignRun,
    StartTogether,
    UntickStep,
)
from bot.commands.alerts import AnswerReply, ChangeDraft, Compose, FollowAlert, PlanDraft, ReplyToAlert
from bot.commands.calendar import AddEvent, CallMeeting, MoveBriefing, MoveMeeting, RewordBriefing, SetAgenda
from bot.commands.day import DecideCheck, DeclineOrder, LookBack, OrderSupport
from bot.commands.duty import AskToTakeOver, BeAway, BeBack, EndRota, OfferShift, SetRota
from bot.commands.incidents import (
    AddDetail,
    AddWords,
    AskHelp,
    AttachTo,
    CloseIncident,
    CloseTogether,
    LinkIncidents,
    RaiseIncident,
    RecordCall,
    SendAnswer,
    ShareWithParty,
    TakeApart,
    WriteToAll,
)
from bot.commands.people import (
    AddParty,
    EndRole,
    GiveRole,
    Invite,
    InviteAgain,
    RevokeAccounts,
    SetAbout,
    SetLanguage,
    SetNumber,
    SetQuiet,
)
from bot.commands.risk import AddCases, AddWatch, Hand, KeepAnswers, LookAgain, MakeMeasure, MoveMeasure, Retitle
from bot.commands.words import Ask, Audience, Details, Imminence, Level, Nothing, RoleKind, Task

__all__ = [
    "AddCases", "AddDetail", "AddEvent", "AddParty", "AddSupporter", "AddWatch", "AddWords", "AnswerReply", "Ask",
    "AskHelp", "AskToTakeOver", "AttachTo", "Audience", "BeAway", "BeBack", "CallMeeting", "CallSupport",
    "ChangeDraft", "CloseIncident", "CloseTogether", "Compose", "DecideCheck", "DeclineOrder", "Details", "DropRun",
    "EndRole", "EndRota", "FollowAlert", "GiveRole", "Hand", "Imminence", "Invite", "InviteAgain", "KeepAnswers",
    "Level", "LinkIncidents", "LookAgain", "LookBack", "MakeMeasure", "MoveBriefing", "MoveMeasure", "MoveMeeting",
    "NoteStep", "Nothing", "OfferShift", "OpenAdvice", "OrderSupport", "PlanDraft", "PutFirst", "RaiseIncident",
    "RecordCall", "RemoveSupporter", "ReplyToAlert", "Retitle", "RevokeAccounts", "RewordBriefing", "RoleKind",
    "SendAnswer", "SetAbout", "SetAgenda", "SetLanguage", "SetNumber", "SetQuiet", "SetRota", "ShareWithParty",
    "SignRun", "StartTogether", "TakeApart", "Task", "UntickStep", "WriteToAll",
]  # fmt: skip
