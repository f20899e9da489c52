"""Everything that interviews and author modules may import: what ``from docassemble.base.util import *`` gives.

`__all__` is what an interview finds without importing anything (special.md, "Reserved names"; functions.md). The many small
language functions, and what belongs into modules only, can be imported by name and are not in `__all__`, as documented.
This module gathers names from tables; no code lives here.
"""

from __future__ import annotations

import json
import re
from importlib import import_module
from itertools import chain
from typing import TYPE_CHECKING, Any

from shared.authoring import objects
from shared.authoring.errors import MissingAttribute, MissingItem, ValidationError
from shared.authoring.functions.absent import ABSENT, ABSENT_CLASSES
from shared.authoring.late import when_used
from shared.authoring.surface.finder import WORKING
from shared.authoring.text.phrases import PHRASES

#: Module -> names that interviews find by themselves.
_FOUND = {
    "functions.access": """last_access_days last_access_delta last_access_hours last_access_minutes last_access_time
        returning_user start_time""",
    "functions.actions": "action_argument action_arguments force_ask force_gather process_action process_actions",
    "functions.background": """background_action background_error_action background_progress background_response
        background_response_action""",
    "functions.taskoptions": "background_options",
    "functions.browser": """device interface language_from_browser location_known location_returned referring_url user_lat_lon""",
    "functions.commands": "command json_response message response validation_error variables_as_json",
    "functions.config": "get_config server_capabilities",
    "functions.datatypes": "CustomDataType",
    "functions.definitions": "raw",
    "functions.explain": "clear_explanations explain logic_explanation",
    "functions.assembly": "docx_concatenate overlay_pdf",
    "functions.files": "path_and_mimetype pdf_concatenate zip_file",
    "functions.listing": "get_user_info interview_list interview_menu",
    "functions.livehelp": "chat_partners_available get_chat_log set_live_help_status",
    "functions.mail": "mail_status send_email",
    "functions.navigation": "nav",
    "functions.ocr": "ocr_file ocr_file_in_background",
    "functions.phones": "send_fax send_sms",
    "functions.postbox": "get_emails interview_email",
    "functions.roles": "RoleChangeTracker",
    "functions.screen": """get_progress log prevent_going_back session_tags set_parts set_progress set_title update_terms""",
    "functions.sessions": """create_session get_question_data get_session_variables go_back_in_session run_action_in_session
        set_session_variables""",
    "functions.sources": "objects_from_file",
    "functions.tracking": """mark_task_as_performed set_task_counter task_not_yet_performed task_performed times_task_performed""",
    "functions.users": """current_context get_info get_status set_info set_save_status set_status user_has_privilege user_info
        user_logged_in user_privileges""",
    "functions.variables": """all_variables define defined dispatch forget_result_of invalidate need re_run_logic reconsider
        set_variables showif showifdef undefine value""",
    "functions.waiting": "BackgroundAction",
    "text.currency": "currency currency_symbol",
    "text.dateformat": "format_date format_datetime format_time",
    "text.dates": """DADateTime as_datetime current_datetime date_interval day_of dow_of get_default_timezone month_of
        timezone_list today year_of""",
    "text.differences": "date_difference",
    "text.formatting": """bold decode_name encode_name fix_punctuation from_b64_json indent italic manual_line_breaks noyes
        plain quote_paragraphs redact single_paragraph single_to_double_newlines space_to_underscore split
        verbatim yesno""",
    "text.geography": "countries_list country_name iso_country state_name states_list subdivision_type",
    "functions.snapshots": "store_variables_snapshot",
    "functions.storage": "delete_record read_records retrieve_stashed_data stash_data write_record",
    "text.grammar": "capitalize indefinite_article noun_plural noun_singular title_case verb_past verb_present",
    "text.languages": "language_name",
    "text.lists": "add_separators comma_and_list comma_list name_suffix period_list selections",
    "text.locales": "get_country get_locale set_country set_locale update_locale",
    "text.markup": "action_button_html interview_url_action_as_qr interview_url_as_qr qr_code static_image",
    "text.numbers": "alpha item_label nice_number ordinal ordinal_number quantity_noun roman",
    "text.phones": "phone_number_formatted phone_number_in_e164 phone_number_is_valid phone_number_part",
    "text.simplify": "transform_json_variables",
    "text.urls": "action_menu_item interview_url interview_url_action url_action url_ask url_of",
    "text.words": "get_dialect get_language set_language word",
}

#: Module -> names that are imported when they are wanted.
_IMPORTABLE = {
    "functions.background": "BackgroundResult BackgroundTask",
    "functions.definitions": "RawValue ensure_definition prevent_dependency_satisfaction",
    "functions.navigation": "DANav",
    "text.dates": "zone",
    "text.differences": "DateDifference",
    "text.numbers": "update_nice_numbers update_ordinal_function update_ordinal_numbers",
    "text.words": "get_voice language_function_constructor update_language_function update_word_collection",
}


def _names(table: dict[str, str]) -> dict[str, object]:
    return {
        name: getattr(import_module(f"shared.authoring.{module}"), name)
        for module, listed in table.items()
        for name in listed.split()
    }


#: Needs a Python module by design (functions.md, store_variables_snapshot()).
_MODULES_ONLY = ("variables_snapshot_connect", "variables_snapshot_connection")

_found: dict[str, object] = {
    **{name: absent for name, absent in ABSENT.items() if name not in _MODULES_ONLY},
    **ABSENT_CLASSES,
    **{name: getattr(objects, name) for name in objects.__all__},
    **_names(_FOUND),
    "DAValidationError": ValidationError,
    "chain": chain,
    "json": json,
    "re": re,
}

try:
    _found["us"] = when_used("us")
except ImportError:  # names of states for those who installed the library; nothing here needs it
    pass

globals().update(PHRASES)
globals().update(ABSENT)
globals().update(_names(_IMPORTABLE))
globals().update(WORKING["docassemble.base.util"])
globals().update(_found)
DAAttributeError = MissingAttribute
DAIndexError = MissingItem

__all__ = list(_found)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """The names of the tables, which a type checker cannot see."""
