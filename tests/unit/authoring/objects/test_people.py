"""Names, ages, salutations, addresses and amounts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shared.authoring import memory
from shared.authoring.errors import MissingAttribute
from shared.authoring.objects import (
    Address,
    Asset,
    Case,
    ChildList,
    City,
    Court,
    Event,
    Income,
    Individual,
    IndividualName,
    LatitudeLongitude,
    LegalFiling,
    OfficeList,
    Organization,
    PartyList,
    PeriodicValue,
    Person,
    Thing,
    Value,
)
from tests.unit.authoring.plain import plain_step


@pytest.fixture
def step():
    with plain_step() as running:
        yield running


def adams(**parts: str) -> Individual:
    made = Individual("client")
    made.name.first = "John"
    for part, value in {"last": "Adams", **parts}.items():
        setattr(made.name, part, value)
    return made


def missing(action) -> str:
    with pytest.raises(MissingAttribute) as caught:
        action()
    return caught.value.variable


class TestNames:
    def test_forms_of_a_name_in_parts(self):
        name = adams(middle="Quincy", suffix="Jr").name
        assert name.full() == "John Q. Adams Jr"
        assert name.full(middle="full", use_suffix=False) == "John Quincy Adams"
        assert name.full(middle=None) == "John Adams Jr"
        assert name.firstlast() == "John Adams Jr"
        assert name.lastfirst() == "Adams, John Jr"
        assert (name.middle_initial(), name.middle_initial(with_period=False)) == ("Q.", "Q")
        assert name.familiar() == "John"

    def test_only_the_first_name_is_asked_for(self):
        assert missing(lambda: str(Individual("x"))) == "x.name.first"
        client = Individual("client")
        client.name.first, client.name.middle = "Prince", ""
        assert str(client) == "Prince"
        assert missing(client.name.lastfirst) == "client.name.last"

    def test_names_of_other_things(self):
        company = Person("company")
        assert not company.identified()
        assert missing(lambda: str(company)) == "company.name.text"
        company.name.text = "ABC"
        assert company.identified()
        assert {company.name.full(), company.name.lastfirst(), company.name.familiar(), str(company)} == {"ABC"}
        assert company.name.middle_initial() == ""

    def test_a_text_assigned_to_the_name_becomes_its_text(self):
        assert str(Thing("thing", name="apple pie")) == "apple pie"
        client = Individual("client", name="The Artist")
        assert (str(client), client.name.uses_parts, client.identified()) == ("The Artist", False, True)

    def test_another_class_of_names(self):
        class Esquire(IndividualName):
            def full(self, middle="initial", use_suffix=True, **options):
                return super().full(middle=middle, use_suffix=use_suffix) + ", Esq."

        class Attorney(Individual):
            NameClass = Esquire

        lawyer = Attorney("lawyer")
        lawyer.name.first = "Ann"
        assert str(lawyer) == "Ann, Esq."

    def test_use_familiar(self):
        client = adams()
        client.use_familiar = True
        assert str(client) == "John"


class TestAge:
    def test_reckoned_from_the_birthdate_on_the_day_of_the_step(self, step):
        client = Individual("client", birthdate="2000-01-16")
        assert client.age_in_years() == 25  # the step is on 15 January 2026
        assert client.age_in_years(as_of="1/16/2026") == 26
        assert client.age_in_months() == 311
        assert client.age_in_years(decimals=True) == pytest.approx(26, abs=0.01)

    def test_a_known_age_goes_first_and_neither_is_asked_for_in_its_place(self, step):
        assert Individual("x", age=30, birthdate="2000-01-01").age_in_years() == 30
        assert missing(Individual("x").age_in_years) == "x.birthdate"


class TestSalutation:
    @pytest.mark.parametrize(
        ("attributes", "title"),
        [
            ({"gender": "male"}, "Mr."),
            ({"gender": "female"}, "Ms."),
            ({"gender": "female", "is_doctor": True}, "Dr."),
            ({"is_judge": True}, "Judge"),
            ({"salutation_to_use": "Hon."}, "Hon."),
        ],
    )
    def test_titles(self, attributes, title):
        client = adams()
        client.__dict__.update(attributes)
        assert client.salutation() == title
        assert client.salutation(with_name=True) == f"{title} Adams"
        assert client.salutation(with_name_and_punctuation=True) == f"{title} Adams:"

    @pytest.mark.parametrize(("suffix", "title"), [("MD", "Dr."), ("PhD", "Dr."), ("J", "Judge")])
    def test_titles_by_suffix(self, suffix, title):
        assert adams(suffix=suffix).salutation() == title

    def test_otherwise_the_name(self):
        client = adams()
        client.gender = "other"
        client.is_friendly = True
        assert client.salutation(with_name_and_punctuation=True) == "John Adams,"

    def test_the_gender_is_asked_for(self):
        assert missing(adams().salutation) == "client.gender"


class TestContacts:
    def test_email_address(self):
        client = adams()
        client.email = "john@example.com"
        assert client.email_address() == "John Adams <john@example.com>"
        assert client.email_address(include_name=False) == "john@example.com"
        nobody = Individual("nobody", email="x@example.com")
        assert nobody.email_address() == "x@example.com"
        assert missing(lambda: nobody.email_address(include_name=True)) == "nobody.name.first"

    def test_sms_number(self, step):
        client = Person("client", phone_number="(215) 555-1212")
        assert client.sms_number() == "+12155551212"
        client.mobile_number = "020 7946 0958"
        client.address.country = "GB"
        assert client.sms_number() == "+442079460958"
        client.uses_whatsapp = True
        assert client.sms_number() == "whatsapp:+442079460958"

    def test_name_hints_are_for_the_logged_in_user(self, step):
        client = Individual("client")
        assert client.first_name_hint() == ""
        step.step[memory.INFO] = {"user": client}
        step.user = {"is_authenticated": True, "first_name": "Ann", "last_name": "Lee"}
        assert (client.first_name_hint(), client.last_name_hint()) == ("Ann", "Lee")
        client.name.first = "Anna"
        assert client.first_name_hint() == ""


class TestAddresses:
    @pytest.fixture
    def address(self, step):
        return Address("home", address="1500 Market St", unit="2000", city="Philadelphia", state="PA", zip="19102")

    def test_block(self, address):
        assert str(address) == "1500 Market St [NEWLINE] Unit 2000 [NEWLINE] Philadelphia, PA 19102"

    def test_one_line_and_lines(self, address):
        assert address.on_one_line() == "1500 Market St, Unit 2000, Philadelphia, PA 19102"
        assert address.on_one_line(include_unit=False) == "1500 Market St, Philadelphia, PA 19102"
        assert (address.line_one(), address.line_two()) == ("1500 Market St, Unit 2000", "Philadelphia, PA 19102")

    def test_the_country_is_shown_if_it_is_not_the_default_one(self, address):
        assert "United States" in address.block(show_country=True)
        address.country = "AF"
        assert address.block().endswith("[NEWLINE] Afghanistan")
        assert address.on_one_line().endswith(", Afghanistan")
        assert "Afghanistan" not in address.block(show_country=False)

    def test_international(self, address):
        address.country = "AF"
        assert address.block(international=True) == (
            "1500 Market St [NEWLINE] Unit 2000 [NEWLINE] PHILADELPHIA [NEWLINE] 19102 [NEWLINE] AFGHANISTAN"
        )

    @pytest.mark.parametrize(
        ("attributes", "text"),
        [
            ({"unit": "Suite 2000"}, "Suite 2000"),
            ({"unit": "#4"}, "#4"),
            ({"unit": "2000"}, "Unit 2000"),
            ({"floor": "3"}, "Floor 3"),
            ({"room": "Room 12"}, "Room 12"),
            ({"unit": ""}, ""),
            ({}, ""),
        ],
    )
    def test_unit(self, step, attributes, text):
        assert Address("a", **attributes).formatted_unit() == text

    def test_a_unit_may_be_required(self, step):
        assert missing(lambda: Address("a").formatted_unit(require=True)) == "a.unit"

    def test_what_is_asked_for(self, step):
        assert missing(lambda: str(Address("a"))) == "a.address"
        assert missing(lambda: str(City("a"))) == "a.city"
        assert missing(lambda: str(City("a", city="Rome"))) == "a.state"

    def test_geocoding_fails_as_without_a_key(self, address):
        assert not address.was_geocoded()
        assert address.geocode() is False
        assert (address.was_geocoded(), address.was_geocoded_successfully()) == (True, False)
        assert address.get_geocode_response() is None
        address.reset_geocoding()
        assert not address.was_geocoded()

    def test_address_block_of_a_person(self, step):
        person = Person("p", name="ABC Corporation")
        person.address.__dict__.update(address="1 Main", city="Rome", state="GA")
        assert person.address_block() == "[FLUSHLEFT] ABC Corporation [NEWLINE] 1 Main [NEWLINE] Rome, GA"

    def test_location_of_the_browser(self, step):
        place = LatitudeLongitude("user.location")
        assert place.status() is True
        step.internal[memory.LOCATION] = {"known": True, "latitude": 1.5, "longitude": 2.5, "returned": True}
        assert place.status() is False
        assert (place.known, str(place)) == (True, "1.5, 2.5")
        refused = LatitudeLongitude("other")
        step.internal[memory.LOCATION] = {"returned": True, "error": "denied"}
        assert refused.status() is False
        assert (refused.known, refused.description) == (False, "denied")


class TestAmounts:
    def test_a_value_that_does_not_exist_is_nothing_and_is_not_asked_for(self):
        assert Value("v", exists=False).amount() == 0
        assert missing(Value("v").amount) == "v.exists"
        assert missing(Value("v", exists=True).amount) == "v.value"

    def test_a_periodic_value_is_reckoned_by_the_year(self):
        salary = PeriodicValue("salary", exists=True, value=100.5, period=12)
        assert salary.amount() == Decimal("1206.0")
        assert salary.amount(12) == Decimal("100.5")
        assert float(salary) == 1206

    def test_sums_are_exact(self):
        a, b = Value("a", exists=True, value=0.1), Value("b", exists=True, value=0.2)
        assert a + b == Decimal("0.3")
        assert sum([a, b]) == Decimal("0.3")
        assert a < b

    def test_total_asks_for_items_and_their_values(self, step):
        asset = step.namespace["asset"] = Asset("asset", there_are_any=True)
        step.answers.update(
            {"asset.new_item_name": "house", "asset['house'].value": 3.5, "asset.there_is_another": False}
        )
        assert step.run(asset.total) == Decimal("3.5")
        assert step.asked == ["asset.new_item_name", "asset['house'].value", "asset.there_is_another"]
        asset.new("boat", exists=False)
        assert asset.existing_items() == ["house"]
        assert str(asset) == "3.5"

    def test_name_value_and_period_may_be_answered_at_once(self, step):
        income = step.namespace["income"] = Income("income", there_are_any=True)

        def all_three() -> str:
            income.new_item_value, income.new_item_period = 10, 12
            return "job"

        step.answers.update({"income.new_item_name": all_three, "income.there_is_another": False})
        assert step.run(income.total) == 120
        assert not hasattr(income, "new_item_period")


class TestCases:
    def test_parties_and_roles(self):
        case = Case("case")
        case.plaintiff.appendObject().name.first = "Ann"
        case.defendant.appendObject().name.first = "Bob"
        case.plaintiff.gathered = case.defendant.gathered = True
        ann, bob = case.parties()
        assert (str(ann), case.role_of(bob), case.role_of(Individual("x"))) == ("Ann", "defendant", "third party")
        child = ann.initializeAttribute("child", ChildList).appendObject()
        assert case.all_known_people() == [ann, child, bob]
        assert case.firstParty is case.plaintiff

    def test_kinds_of_action(self):
        case = Case("case", action_type="petition")
        assert case.secondParty is case.respondent
        case.set_action_type("in re")
        assert not hasattr(case, "secondParty")
        with pytest.raises(ValueError, match="solo petition"):
            case.set_action_type("brawl")

    def test_caption_asks_for_what_it_needs(self):
        case = Case("case", court=Court("court"))
        filing = LegalFiling("filing", case=case)
        assert missing(filing.caption) == "case.plaintiff.there_are_any"
        for parties, name in ((case.plaintiff, "Ann"), (case.defendant, "Bob")):
            parties.appendObject(name=name)
            parties.gathered = True
        assert missing(filing.caption) == "court.name"
        case.court.name = "Court of Common Pleas"
        assert missing(filing.caption) == "filing.title"
        filing.title = "Complaint"
        assert "Ann, Plaintiff" in filing.caption()
        assert "COMPLAINT" in filing.caption()


def test_classes_make_what_they_are_made_of():
    assert type(Event("hearing").address) is City
    organization = Organization("agency", name="Aid", handles=["Divorce"], serves=["Hampshire"])
    assert type(organization.office) is OfficeList
    assert organization.will_handle(problem="Divorce", county="Hampshire")
    assert not organization.will_handle(problem="Eviction")
    assert not organization.will_handle(county="Suffolk")
    assert type(PartyList("p").appendObject()) is Individual
    assert type(OfficeList("o").appendObject()) is Address
