"""The irregular verbs of English: base form, past, past participle. Data, and nothing else."""

from __future__ import annotations

_TABLE = """
arise arose arisen|awake awoke awoken|be was been|bear bore borne|beat beat beaten|become became become|begin began begun
bend bent bent|bet bet bet|bid bid bid|bind bound bound|bite bit bitten|bleed bled bled|blow blew blown|break broke broken
breed bred bred|bring brought brought|broadcast broadcast broadcast|build built built|burst burst burst|buy bought bought
cast cast cast|catch caught caught|choose chose chosen|cling clung clung|come came come|cost cost cost|creep crept crept
cut cut cut|deal dealt dealt|dig dug dug|do did done|draw drew drawn|drink drank drunk|drive drove driven|eat ate eaten
fall fell fallen|feed fed fed|feel felt felt|fight fought fought|find found found|flee fled fled|fly flew flown
forbid forbade forbidden|forecast forecast forecast|foresee foresaw foreseen|forget forgot forgotten|forgive forgave forgiven
freeze froze frozen|get got gotten|give gave given|go went gone|grind ground ground|grow grew grown|hang hung hung
have had had|hear heard heard|hide hid hidden|hit hit hit|hold held held|hurt hurt hurt|input input input|keep kept kept
kneel knelt knelt|know knew known|lay laid laid|lead led led|leave left left|lend lent lent|let let let|lie lay lain
light lit lit|lose lost lost|make made made|mean meant meant|meet met met|mislead misled misled|mistake mistook mistaken
misunderstand misunderstood misunderstood|outdo outdid outdone|overcome overcame overcome|overdo overdid overdone
oversee oversaw overseen|overtake overtook overtaken|overthrow overthrew overthrown|partake partook partaken|pay paid paid
put put put|quit quit quit|read read read|rebuild rebuilt rebuilt|redo redid redone|repay repaid repaid|rid rid rid
ride rode ridden|ring rang rung|rise rose risen|run ran run|say said said|see saw seen|seek sought sought|sell sold sold
send sent sent|set set set|shake shook shaken|shed shed shed|shine shone shone|shoot shot shot|show showed shown
shrink shrank shrunk|shut shut shut|sing sang sung|sink sank sunk|sit sat sat|sleep slept slept|slide slid slid
speak spoke spoken|speed sped sped|spend spent spent|spin spun spun|split split split|spread spread spread
spring sprang sprung|stand stood stood|steal stole stolen|stick stuck stuck|sting stung stung|strike struck struck
string strung strung|strive strove striven|swear swore sworn|sweep swept swept|swell swelled swollen|swim swam swum
swing swung swung|take took taken|teach taught taught|tear tore torn|tell told told|think thought thought
throw threw thrown|undergo underwent undergone|understand understood understood|undertake undertook undertaken
undo undid undone|upset upset upset|wake woke woken|wear wore worn|weave wove woven|weep wept wept|win won won
wind wound wound|withdraw withdrew withdrawn|withhold withheld withheld|withstand withstood withstood|wring wrung wrung
write wrote written|rewrite rewrote rewritten
admit admitted admitted|begin began begun|commit committed committed|compel compelled compelled|confer conferred conferred
control controlled controlled|defer deferred deferred|deter deterred deterred|equip equipped equipped|excel excelled excelled
expel expelled expelled|incur incurred incurred|infer inferred inferred|occur occurred occurred|omit omitted omitted
permit permitted permitted|prefer preferred preferred|propel propelled propelled|rebut rebutted rebutted|recur recurred recurred
refer referred referred|regret regretted regretted|remit remitted remitted|submit submitted submitted
transfer transferred transferred|transmit transmitted transmitted
"""

#: base form -> (past, past participle)
IRREGULAR: dict[str, tuple[str, str]] = {
    parts[0]: (parts[1], parts[2])
    for parts in (entry.split() for line in _TABLE.strip().splitlines() for entry in line.split("|"))
}

#: any irregular form -> base form. "found", "lay", "saw", "felt", "ground", "wound" are read as the past they usually are.
BASE_OF: dict[str, str] = {
    **{form: verb for verb, forms in IRREGULAR.items() for form in forms},
    "am": "be", "is": "be", "are": "be", "was": "be", "were": "be", "been": "be", "being": "be",
    "has": "have", "having": "have", "does": "do", "goes": "go", "lying": "lie", "dying": "die", "tying": "tie", "vying": "vie",
}  # fmt: skip

#: stem before -ing -> base form, where a letter was dropped or doubled: writ -> write, runn -> run
IRREGULAR_IN_ING: dict[str, str] = {
    **{verb[:-1]: verb for verb in IRREGULAR if verb.endswith("e") and not verb.endswith("ee")},
    **{verb + verb[-1]: verb for verb in IRREGULAR},
}
