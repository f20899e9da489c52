"""Puts the interview service together from settings and ports; the same for the nameko shell and the embedded system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.authorconfig import author_config
from services.installation import Secrets
from services.interview.access import Access
from services.interview.api import InterviewApi
from services.interview.callbacks import Callbacks
from services.interview.documents import Documents
from services.interview.files import SessionFiles
from services.interview.incoming_mail import IncomingMail
from services.interview.links import Links
from services.interview.mail_parts import MailParts
from services.interview.mail_results import MailResults
from services.interview.openings import MOST
from services.interview.others import Others
from services.interview.resuming import Resuming
from services.interview.ticks import Ticks
from services.interview.unit_of_work import UnitOfWork
from services.notices import Notices
from services.runs.build import reports_of
from services.settings import Settings
from shared.bus.messages import Bus, Job
from shared.language.sources import Sources
from shared.runner.dissector import Dissector
from shared.runner.ports import Limits, Runner
from shared.store.ports import Store
from shared.vault.plain import PLAIN
from shared.vault.ports import Vault
from shared.vault.working import alone


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewService:
    """`methods` are answered as calls to ``interview``, `ticks` as calls to ``ticks``; `jobs` are handled from the queues of their names."""

    methods: Mapping[str, Callable[..., object]]
    ticks: Mapping[str, Callable[..., object]]
    jobs: Mapping[str, Callable[[Job], None]]


def build(
    settings: Settings,
    *,
    store: Store,
    vault: Vault = PLAIN,
    bus: Bus,
    runner: Runner,
    clock: Callable[[], datetime],
    dissect: Dissector,
) -> InterviewService:
    work = UnitOfWork(
        store=store,
        vault=vault,
        bus=bus,
        runner=runner,
        clock=clock,
        limits=Limits(seconds=settings.foreground_seconds, memory=settings.memory_bytes),
        config=author_config(settings),
        unattended="cron" in settings.sealed_allows,
        scheduled=Limits(seconds=settings.cron_seconds, memory=settings.memory_bytes),
        reports=reports_of(settings, store, clock=clock),
        queues=settings.task_queues,
    )
    installed = Sources(settings.packages).installed
    secret = next(iter(Secrets.of(settings).keys("ids").values())).exposed()
    others = Others(work, secret=secret, installed=installed)
    work.goes_beyond(others)
    # An author may save between the two.
    api = InterviewApi(work, secret=secret, installed=installed, openings=0 if settings.debug else MOST)
    uploads = _files(settings, store, clock)
    access = Access(work)
    resuming = Resuming(access, access.guarded(api.screen_at))
    mail = _incoming(settings, work, MailParts(store, dissect, clock=clock))
    of_a_session = (
        *(api.screen, api.answer, api.action, api.back, api.check_in, api.restart, api.variables),
        *(uploads.upload, uploads.download, Documents(work).document),
    )
    by_services: tuple[Callable[..., object], ...] = (
        *(uploads.shared_file, Links(store.storage, clock=clock).follow, others.other),
        *(api.rewrap, api.reseal, api.expire, Callbacks(work).respond, MailResults(work).mail_failed),
    )
    calls: tuple[Callable[..., object], ...] = (
        *(
            access.within(api.open),
            *(access.guarded(call) for call in of_a_session),
            access.guarded(api.delete, system=True),
        ),
        *(access.within(access.enter), access.within(access.leave), resuming.find, resuming.resume, access.whose),
        access.within(api.publish, publishing=True),
        *(access.within(call) for call in by_services),
    )
    ticks = Ticks(work, offers=runner.offers, clock=clock)
    return InterviewService(
        methods={call.__name__: call for call in calls},
        ticks={call.__name__: access.within(call) for call in (ticks.events, ticks.tick)},
        jobs={"mail": alone(vault, mail.handle)},
    )


def _files(settings: Settings, store: Store, clock: Callable[[], datetime]) -> SessionFiles:
    megabyte = 2**20
    of_session, per_hour = settings.session_files_mb * megabyte, settings.uploads_mb_per_hour * megabyte
    return SessionFiles(store, clock=clock, of_session=of_session, per_hour=per_hour)


def _incoming(settings: Settings, work: UnitOfWork, parts: MailParts) -> IncomingMail:
    notices = Notices(store=work.store, bus=work.bus, clock=work.clock, addresses=settings.error_notification_email)
    return IncomingMail(
        work, parts, domains=settings.mail_domains, notices=notices, sealed="mail" in settings.sealed_allows
    )
