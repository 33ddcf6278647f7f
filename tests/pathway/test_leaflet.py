"""What the leaflet says, sentence by sentence, as what happens to a patient under edition ``leaflet``.

``@pytest.mark.leaflet("L33")`` says which sentences a test holds; docs/leaflet.md shows them side by side.
"""

from __future__ import annotations

from datetime import date

import pytest

from ruggespraak.consult import Case, Decision, decide
from ruggespraak.logic import Value
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.rules import Act, Complaint, Urgency, Use

Person = dict[str, Value]

NO_PARALYSIS: Person = {"foot_drop": False, "weakness_progressive": False}
BACK: Person = {**NO_PARALYSIS, "low_back_pain": True, "leg_pain": False}
FIRST_TIME: Person = {**BACK, "first_episode": True}
AGAIN: Person = {**BACK, "first_episode": False}
BECHTEREW: Person = {**BACK, "bechterew_known": True}
HERNIA: Person = {
    **NO_PARALYSIS,
    "low_back_pain": True,
    "leg_pain": True,
    "leg_pain_below_knee": True,
    "leg_worse_than_back": True,
}
PARALYSED: Person = {**HERNIA, "foot_drop": True}
NOTHING_TOLD: Person = {}
ANYBODY = (NOTHING_TOLD, BACK, FIRST_TIME, AGAIN, BECHTEREW, HERNIA, PARALYSED)


def seen(person: Person, lang: str = "nl") -> Decision:
    """What the leaflet says to this person."""
    return decide(Case(on=date(2026, 3, 2), edition="leaflet", answers=person), lang)


def lines(person: Person) -> set[str]:
    return {advice.id for advice in seen(person).plan}


def acts(person: Person) -> set[Act]:
    return {act for advice in seen(person).plan for act in advice.does}


def reads(person: Person, line: str, nl: str, en: str) -> bool:
    """Whether this line stands in the plan of this person and holds these words, in both languages and in this order.

    `` … `` stands for anything in between.
    """
    for lang, words in (("nl", nl), ("en", en)):
        plan = {advice.id: advice.text for advice in seen(person, lang).plan}
        assert line in plan, f"{line} is not in the plan, which has {sorted(plan)}"
        rest = plan[line]
        for part in words.split(" … "):
            before, found, rest = rest.partition(part)
            assert found == part, f"{line} ({lang}) does not say “{part}” in: {before}"
    return True


# -- who wrote it, and its chapters ---------------------------------------------------------------------------------


@pytest.mark.leaflet("L02")
@pytest.mark.parametrize("person", ANYBODY)
def test_whoever_reads_the_plan_hears_that_the_leaflet_leans_on_the_neurosurgeons(person: Person) -> None:
    assert reads(person, "leaflet_questions", nl="website van de vereniging van neurochirurgen", en="nvvn.org")


CHAPTERS = {
    "Bronvermelding": (NOTHING_TOLD, "leaflet_questions", "De folder is gemaakt met", "The leaflet was made with"),
    "Inleiding": (NOTHING_TOLD, "leaflet_many_ailments", "Onder rugklachten vallen", "Back trouble covers"),
    "‘Het’ rugprobleem bestaat niet": (
        BACK,
        "leaflet_nonspecific",
        "niet één vast probleem met de rug",
        "no such thing as the one back problem",
    ),
    "Bestaan er dan geen “specifieke rugklachten”?": (
        BECHTEREW,
        "leaflet_specific",
        "Soms is de oorzaak van rugklachten veel duidelijker",
        "Sometimes the cause of back trouble is much clearer",
    ),
    "Acute rugproblemen": (
        FIRST_TIME,
        "leaflet_first_time",
        "Dat geldt voor de eerste keer",
        "That is for the first time",
    ),
    "Chronische rugproblemen": (AGAIN, "leaflet_comes_back", "Dan heten ze chronisch", "Then it is called chronic"),
    "Rughernia": (HERNIA, "leaflet_hernia", "Bij een hernia", "In a hernia"),
    "Wie behandelt de rug?": (
        NOTHING_TOLD,
        "leaflet_gp_first",
        "De arts voor de rug is er wel",
        "The back doctor does",
    ),
    "Vragen": (NOTHING_TOLD, "leaflet_questions", "Heeft u nog vragen?", "Do you have more questions?"),
}


@pytest.mark.leaflet("L01", "L03", "L13", "L24", "L30", "L37", "L48", "L68", "L78")
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_chapter_reaches_the_patient_whom_it_is_about(chapter: str) -> None:
    person, line, nl, en = CHAPTERS[chapter]
    assert reads(person, line, nl=nl, en=en)


@pytest.mark.leaflet("L13", "L24", "L30", "L37", "L48")
def test_nobody_gets_a_chapter_that_is_about_somebody_else() -> None:
    for_all = {"leaflet_many_ailments", "leaflet_burden", "leaflet_gp_first", "leaflet_questions"}
    a_back = {"nonspecific", "no_picture", "rest_then_rebuild", "posture_exercise_painkillers"}
    a_hernia = {"hernia", "unsure_neurologist", "no_bed_rest_cure", "hernia_painkillers", "hernia_physiotherapy"}
    assert lines(NOTHING_TOLD) == for_all
    assert lines(BECHTEREW) == for_all | {"leaflet_specific"}
    assert lines(BACK) == for_all | {f"leaflet_{line}" for line in a_back}
    assert lines(FIRST_TIME) == lines(BACK) | {"leaflet_first_time"}
    assert lines(AGAIN) == lines(BACK) | {"leaflet_comes_back", "leaflet_keep_moving", "leaflet_balance"}
    assert lines(HERNIA) == for_all | {f"leaflet_{line}" for line in a_hernia}
    assert lines(PARALYSED) == for_all | {"leaflet_hernia", "leaflet_hernia_painkillers", "leaflet_paralysis"}


# -- Inleiding ------------------------------------------------------------------------------------------------------


@pytest.mark.leaflet("L04", "L11", "L12", "L31")
@pytest.mark.parametrize("person", ANYBODY)
def test_everybody_hears_that_back_trouble_is_many_ailments_with_one_thing_in_common(person: Person) -> None:
    assert reads(
        person,
        "leaflet_many_ailments",
        nl=(
            "heel veel klachten en ziekten … Eén ding is altijd gelijk: de pijn zit in de onderrug of komt daar "
            "vandaan … heel verschillend … welke soorten er zijn … hoe u ze herkent … wat de behandeling is"
        ),
        en=(
            "very many complaints and illnesses … One thing is always the same: the pain sits in the low back or comes "
            "from there … differs widely … which kinds there are … how you recognise them … how they are treated"
        ),
    )


@pytest.mark.leaflet("L05", "L06")
def test_everybody_hears_how_common_back_trouble_is_and_that_the_leaflet_says_so() -> None:
    assert reads(
        NOTHING_TOLD,
        "leaflet_burden",
        nl=(
            "Volgens de folder komt geen ziekte in Nederland zo veel voor … groot probleem voor de zorg en voor het "
            "hele land … Drie op de vier mensen krijgen ze ooit"
        ),
        en=(
            "According to the leaflet, no illness in the Netherlands is as common … big problem for health care and "
            "for the whole country … Three in four people have it at some time"
        ),
    )


@pytest.mark.leaflet("L07", "L08", "L09", "L10")
def test_everybody_hears_what_back_trouble_costs_with_the_leaflets_own_figures() -> None:
    assert reads(
        NOTHING_TOLD,
        "leaflet_burden",
        nl=(
            "Elk jaar krijgt 5 procent ze nieuw … ongeveer 500 miljoen euro per jaar … ziek thuis zijn of niet kunnen "
            "werken … ruim tien keer zo veel … meer dan 5 miljard euro per jaar … Van welk jaar dit is, staat er niet"
        ),
        en=(
            "Each year 5 per cent have it newly … about 500 million euros a year … sick pay and disability … well over"
            " ten times as much … more than 5 billion euros a year … does not say which year"
        ),
    )


# -- ‘Het’ rugprobleem bestaat niet ---------------------------------------------------------------------------------


@pytest.mark.leaflet("L14", "L15")
def test_a_back_without_a_cause_is_told_that_no_one_place_is_to_blame() -> None:
    assert reads(
        BACK,
        "leaflet_nonspecific",
        nl="niet één plek, gewricht of oorzaak … Veel dingen spelen samen een rol",
        en="no one place, joint or cause … Many things play a part together",
    )


@pytest.mark.leaflet("L16", "L17")
def test_a_back_without_a_cause_hears_which_parts_of_the_back_can_hurt() -> None:
    assert reads(
        BACK,
        "leaflet_nonspecific",
        nl=(
            "wervels … gewrichten … tussenwervelschijven … banden … spieren … zenuwen … Die kunnen allemaal zorgen "
            "voor een deel van de pijn"
        ),
        en="vertebrae … joints … discs … ligaments … muscles … nerves … All of them can add to the pain",
    )


@pytest.mark.leaflet("L18")
def test_a_back_without_a_cause_is_called_nonspecific() -> None:
    assert seen(BACK).complaint is Complaint.NONSPECIFIC
    assert reads(
        BACK,
        "leaflet_nonspecific",
        nl="noemt dit een lage rugklacht zonder aparte oorzaak",
        en="calls this low back trouble without a cause of its own",
    )


@pytest.mark.leaflet("L19")
def test_the_plan_for_a_back_comes_from_the_story_and_the_examination() -> None:
    assert reads(
        BACK,
        "leaflet_no_picture",
        nl="met uw verhaal en onderzoek een goed plan maken",
        en="a good plan from your story and an examination",
    )


@pytest.mark.control("C-14")
@pytest.mark.leaflet("L20", "L40")
@pytest.mark.parametrize("person", [BACK, FIRST_TIME, AGAIN])
@pytest.mark.parametrize("days", [1, 42, 60, 400, 4000])
def test_a_back_without_a_cause_gets_no_picture_however_long_it_lasts(person: Person, days: int) -> None:
    patient = {**person, "duration_days": days}
    assert seen(patient).imaging is Use.NOT_USEFUL
    assert not acts(patient) & {Act.SCAN, Act.X_RAY}
    assert edition("leaflet").rule("leaflet_no_picture").forbids >= {Act.SCAN, Act.X_RAY}
    assert reads(
        patient,
        "leaflet_no_picture",
        nl="een röntgenfoto of scan daar niet voor nodig … Blijft de pijn? Ook dan helpt een foto meestal niet",
        en="an X-ray or scan is not needed … Does the pain stay? Then too, a picture does not usually help",
    )


@pytest.mark.leaflet("L21", "L22", "L23")
def test_a_back_without_a_cause_hears_why_a_picture_does_not_help() -> None:
    assert reads(
        BACK,
        "leaflet_no_picture",
        nl=(
            "soms te zien dat er iets is veranderd … Vaak heeft dat niets met de pijn te maken … Mensen zonder "
            "rugklachten hebben het ook"
        ),
        en=(
            "sometimes show that something has changed … Often that has nothing to do with the pain … People without "
            "back trouble have it too"
        ),
    )


# -- Specifieke rugklachten -----------------------------------------------------------------------------------------


@pytest.mark.leaflet("L25", "L26")
def test_known_bechterew_is_a_complaint_with_a_cause_of_its_own() -> None:
    assert seen(BECHTEREW).complaint is Complaint.SPECIFIC
    assert "leaflet_nonspecific" not in lines(BECHTEREW)
    assert reads(
        BECHTEREW,
        "leaflet_specific",
        nl="oorzaak van rugklachten veel duidelijker … bij een klein deel van de mensen",
        en="cause of back trouble is much clearer … in a small part of the people",
    )


@pytest.mark.leaflet("L27")
def test_bechterew_and_hernia_are_the_causes_that_have_a_name() -> None:
    assert seen(BECHTEREW).suspected == ("axial_spa",)
    assert seen(HERNIA).complaint is Complaint.RADICULAR
    assert reads(
        BECHTEREW,
        "leaflet_specific",
        nl="een rughernia zijn … een soort reuma zoals de ziekte van Bechterew",
        en="a hernia … a kind of rheumatism such as Bechterew's disease",
    )


@pytest.mark.leaflet("L28")
def test_a_cause_too_is_found_by_the_story_and_the_examination() -> None:
    assert reads(
        BECHTEREW,
        "leaflet_specific",
        nl="vindt ook dit met uw verhaal en onderzoek",
        en="finds this too from your story and by examining you",
    )


@pytest.mark.leaflet("L29")
def test_bechterew_may_need_blood_or_a_picture_and_a_plain_back_does_not() -> None:
    assert seen(BECHTEREW).imaging is Use.CONSIDER
    assert [test["what"] for test in seen(BECHTEREW).tests] == ["Een test van uw bloed, met CRP en HLA-B27"]
    assert seen(BACK).tests == ()
    assert reads(
        BECHTEREW,
        "leaflet_specific",
        nl="Bloedonderzoek of een foto kan dan soms nuttig zijn",
        en="A blood test or a picture can then sometimes be useful",
    )


# -- Acute rugproblemen ---------------------------------------------------------------------------------------------


@pytest.mark.leaflet("L32")
def test_the_first_back_pain_mostly_goes_away() -> None:
    assert reads(
        FIRST_TIME,
        "leaflet_first_time",
        nl="Rugklachten gaan meestal weer over",
        en="Back trouble mostly goes away again",
    )


@pytest.mark.leaflet("L33")
def test_the_first_time_half_is_over_in_two_weeks() -> None:
    assert reads(
        FIRST_TIME,
        "leaflet_first_time",
        nl=(
            "Volgens de folder is het bij 50 van de 100 mensen binnen twee weken weg … Dat geldt voor de eerste keer …"
            " Na drie maanden heeft 95 van de 100 geen klachten meer, zegt de folder"
        ),
        en=(
            "According to the leaflet, in 50 of 100 people it is gone within two weeks … That is for the first time … "
            "After three months 95 of 100 have no complaints left, the leaflet says"
        ),
    )


@pytest.mark.leaflet("L33")
def test_the_figures_of_the_first_time_are_a_groups_and_no_promise() -> None:
    assert reads(
        FIRST_TIME,
        "leaflet_first_time",
        nl="cijfers van een groep, geen belofte",
        en="figures of a group, not a promise",
    )


@pytest.mark.leaflet("L33")
@pytest.mark.parametrize("person", [BACK, AGAIN, HERNIA, PARALYSED])
def test_who_has_it_again_or_has_a_hernia_does_not_hear_the_figures_of_the_first_time(person: Person) -> None:
    assert "leaflet_first_time" not in lines(person)


@pytest.mark.leaflet("L34", "L35")
def test_a_back_rests_briefly_and_then_does_more_again() -> None:
    assert {Act.SHORT_REST, Act.STAY_ACTIVE} <= acts(BACK)
    assert Act.BED_REST not in acts(BACK)
    assert reads(
        BACK,
        "leaflet_rest_then_rebuild",
        nl="De huisarts heeft uitgebreide richtlijnen … Rust eerst kort … juist weer meer doen … Dat is belangrijk",
        en="GPs have extensive guidelines … First rest for a short time … do more again … That is important",
    )


@pytest.mark.leaflet("L36")
def test_a_back_then_gets_posture_advice_exercise_and_painkillers() -> None:
    assert {Act.POSTURE_ADVICE, Act.EXERCISE, Act.PARACETAMOL} <= acts(BACK)
    assert reads(
        BACK,
        "leaflet_posture_exercise_painkillers",
        nl="advies over uw houding … oefentherapie of fitness … Een pijnstiller kan u daarbij helpen",
        en="advice on your posture … exercise therapy or fitness training … A painkiller can help you with that",
    )


@pytest.mark.leaflet("L35", "L36", "L67")
def test_a_paralysed_foot_is_told_neither_to_rest_nor_to_exercise() -> None:
    forbidden = {Act.SHORT_REST, Act.STAY_ACTIVE, Act.EXERCISE, Act.PHYSIOTHERAPY}
    assert not acts({**BACK, "foot_drop": True}) & forbidden
    assert not acts(PARALYSED) & forbidden


# -- Chronische rugproblemen ----------------------------------------------------------------------------------------


@pytest.mark.leaflet("L38")
@pytest.mark.parametrize("earlier", [{"first_episode": False}, {"prev_episodes_n": 1}])
def test_back_pain_that_was_there_before_comes_back_by_overload_or_for_no_reason(earlier: Person) -> None:
    assert reads(
        {**BACK, **earlier},
        "leaflet_comes_back",
        nl="komen nogal eens terug, soms door overbelasting en soms zomaar",
        en="quite often comes back, sometimes from doing too much and sometimes for no reason",
    )


@pytest.mark.leaflet("L38")
def test_who_has_it_for_the_first_time_is_not_told_that_it_keeps_coming_back() -> None:
    assert "leaflet_comes_back" not in lines(FIRST_TIME)


@pytest.mark.leaflet("L39")
@pytest.mark.parametrize("days", [10, 42, 84, 300])
def test_chronic_has_no_number_of_weeks(days: int) -> None:
    patient = {**AGAIN, "duration_days": days}
    assert seen(patient).phase is None
    assert lines(patient) == lines(AGAIN)
    assert reads(
        patient,
        "leaflet_comes_back",
        nl="Blijven ze bestaan? Dan heten ze chronisch",
        en="Does it stay? Then it is called chronic",
    )


@pytest.mark.leaflet("L40", "L41")
def test_a_back_that_keeps_coming_back_has_no_cause_on_a_picture_and_that_frustrates_both() -> None:
    assert reads(
        AGAIN,
        "leaflet_comes_back",
        nl=(
            "vaak geen aparte oorzaak te vinden … Foto's en scans helpen dan niet … frustrerend zijn, voor u en voor "
            "de arts"
        ),
        en=(
            "often no cause of its own can be found … X-rays and scans do not help then … frustrating, for you and for"
            " the doctor"
        ),
    )


@pytest.mark.leaflet("L42", "L43", "L44", "L45")
def test_a_back_that_keeps_coming_back_stays_active_because_rest_rusts() -> None:
    advice = next(one for one in seen(AGAIN).plan if one.id == "leaflet_keep_moving")
    assert {Act.STAY_ACTIVE, Act.EXERCISE} <= set(advice.does)
    assert reads(
        AGAIN,
        "leaflet_keep_moving",
        nl=(
            "die terugkomen, is er goed en praktisch advies … Ook hier geldt: rust roest … belangrijk dat u actief "
            "blijft … Sommige soorten oefentherapie en fitness houden u en uw rug zo fit als kan"
        ),
        en=(
            "that come back there is good and practical advice … Here too: use it or lose it … important that you stay "
            "active … Some kinds of exercise therapy and fitness training keep you and your back as fit as can be"
        ),
    )


@pytest.mark.leaflet("L46", "L47")
def test_a_back_that_keeps_coming_back_looks_for_a_balance() -> None:
    assert reads(
        AGAIN,
        "leaflet_balance",
        nl=(
            "in uw lijf of in uw hoofd … pijn dan vaak weer erger … Zoek daarom een evenwicht met uw rug … de meeste "
            "tijd heel gewoon leven en werken"
        ),
        en=(
            "in your body or your mind … pain then often gets worse again … look for a balance with your back … most "
            "of the time you can live and work as normally as possible"
        ),
    )


# -- Rughernia ------------------------------------------------------------------------------------------------------


@pytest.mark.leaflet("L49", "L50")
def test_a_hernia_hears_that_a_disc_of_cartilage_bulges_out() -> None:
    assert reads(
        HERNIA,
        "leaflet_hernia",
        nl="bolt een tussenwervelschijf naar buiten … stukje kraakbeen … helpt de wervels bewegen",
        en="a disc bulges out … piece of cartilage … helps the vertebrae to move",
    )


@pytest.mark.leaflet("L51", "L52", "L53")
def test_a_hernia_hears_why_the_leg_hurts_goes_numb_or_weak() -> None:
    assert reads(
        HERNIA,
        "leaflet_hernia",
        nl=(
            "door het wervelkanaal de zenuwen naar uw benen … pijn in uw been krijgen: ischias … een plek in uw been "
            "doof zijn, of een spier slap"
        ),
        en=(
            "the nerves to your legs run through the spinal canal … pain in your leg: sciatica … A patch of your leg "
            "can also be numb, or a muscle weak"
        ),
    )


@pytest.mark.leaflet("L54")
def test_a_hernia_is_recognised_by_the_story_alone() -> None:
    assert seen(HERNIA).complaint is Complaint.RADICULAR
    assert reads(
        HERNIA,
        "leaflet_hernia",
        nl="herkent een hernia vrij makkelijk als een aparte rugklacht",
        en="fairly easily recognises a hernia as a back complaint of its own",
    )


@pytest.mark.leaflet("L55")
def test_a_hernia_that_no_examination_confirms_can_be_put_to_the_neurologist() -> None:
    assert Act.REFER_NEUROLOGIST not in acts(HERNIA)  # only if the GP is unsure, which no answer says
    assert reads(
        HERNIA,
        "leaflet_unsure_neurologist",
        nl="Komt uw huisarts er niet uit? Dan kan een neuroloog helpen",
        en="Is your GP not sure? Then a neurologist can help",
    )


@pytest.mark.leaflet("L55")
def test_a_hernia_that_the_examination_confirms_leaves_nothing_to_be_unsure_about() -> None:
    assert "leaflet_unsure_neurologist" not in lines({**HERNIA, "slr_positive": True})


@pytest.mark.leaflet("L56")
def test_a_hernia_hurts_less_in_the_back_than_in_the_leg() -> None:
    assert "leaflet_hernia" in lines({**HERNIA, "low_back_pain": False})
    assert reads(
        HERNIA,
        "leaflet_hernia",
        nl="De rug zelf doet vaak minder pijn",
        en="The back itself often hurts less",
    )


@pytest.mark.leaflet("L57")
def test_leg_pain_need_not_be_a_hernia() -> None:
    vague = {**BACK, "leg_pain": True, "leg_pain_below_knee": False, "leg_worse_than_back": False}
    vague |= {"leg_pain_dermatomal": False, "cough_sneeze_strain": False}
    assert seen(vague).complaint is Complaint.NONSPECIFIC
    assert "leaflet_hernia" not in lines(vague)
    assert reads(
        HERNIA,
        "leaflet_hernia",
        nl="Pijn in het been hoeft geen hernia te zijn",
        en="Pain in the leg need not be a hernia",
    )


@pytest.mark.leaflet("L58", "L59")
def test_a_hernia_is_never_sent_to_bed() -> None:
    assert Act.BED_REST in edition("leaflet").rule("leaflet_no_bed_rest_cure").forbids
    assert Act.BED_REST not in acts(HERNIA)
    assert reads(
        HERNIA,
        "leaflet_no_bed_rest_cure",
        nl="Vroeger moest wie een hernia had, lang in bed blijven … Uit onderzoek weten we nu dat dit geen zin heeft",
        en=(
            "In the past, anyone with a hernia had to stay in bed for long … From research we now know that there is "
            "no point in this"
        ),
    )


@pytest.mark.leaflet("L60", "L61")
def test_a_hernia_may_rest_a_few_days_and_then_moves_more() -> None:
    advice = next(one for one in seen(HERNIA).plan if one.id == "leaflet_no_bed_rest_cure")
    assert set(advice.does) == {Act.SHORT_REST, Act.STAY_ACTIVE}
    assert reads(
        HERNIA,
        "leaflet_no_bed_rest_cure",
        nl="Een paar dagen rust maakt de pijn wel minder … Ga daarna meer bewegen. Dat is belangrijk",
        en="A few days of rest do dampen the pain … After that, move more. That is important",
    )


@pytest.mark.leaflet("L62")
def test_a_hernia_gets_painkillers_certainly_at_the_start() -> None:
    assert Act.PARACETAMOL in acts(HERNIA)
    assert reads(
        HERNIA,
        "leaflet_hernia_painkillers",
        nl="pijnstillers van belang … zeker in het begin",
        en="painkillers matter … certainly so at the start",
    )


@pytest.mark.leaflet("L63")
def test_a_hernia_can_exercise_with_a_physiotherapist() -> None:
    assert {Act.PHYSIOTHERAPY, Act.EXERCISE} <= acts(HERNIA)
    assert reads(
        HERNIA,
        "leaflet_hernia_physiotherapy",
        nl="Een fysiotherapeut kan u helpen om te oefenen … op uw houding en op hoe u beweegt",
        en="A physiotherapist can help you to exercise … to your posture and to how you move",
    )


@pytest.mark.leaflet("L64", "L65")
@pytest.mark.parametrize("relief", [{}, {"relief_sufficient": False}, {"relief_sufficient": True}])
@pytest.mark.parametrize("days", [1, 21, 41])
def test_a_hernia_of_less_than_six_weeks_gets_no_scan(days: int, relief: Person) -> None:
    patient = {**HERNIA, "duration_days": days, **relief}
    assert seen(patient).imaging is Use.NOT_USEFUL
    assert not acts(patient) & {Act.SCAN, Act.OPERATE, Act.DISCUSS_SURGERY}
    assert edition("leaflet").rule("leaflet_hernia_not_yet").forbids >= {Act.SCAN, Act.OPERATE}
    assert reads(
        patient,
        "leaflet_hernia_not_yet",
        nl=(
            "Vaak wordt een hernia beetje bij beetje rustig … een scan of operatie nu niet nuttig … Volgens de folder "
            "kan een scan later zin hebben … na zes tot acht weken … nog niet genoeg minder"
        ),
        en=(
            "Often a hernia bit by bit calms down … a scan or an operation is not useful now … According to the "
            "leaflet, a scan can make sense later … after six to eight weeks … not reduced enough"
        ),
    )


@pytest.mark.leaflet("L65")
@pytest.mark.parametrize("days", [42, 49, 56, 400])
def test_a_hernia_of_seven_weeks_with_too_little_relief_gets_a_scan_weighed(days: int) -> None:
    patient = {**HERNIA, "duration_days": days, "relief_sufficient": False}
    decision = seen(patient)
    assert decision.imaging is Use.CONSIDER
    assert decision.urgency is Urgency.ROUTINE
    assert [referral.to for referral in decision.refer] == ["gp"]
    assert Act.SCAN in acts(patient)
    assert "leaflet_hernia_not_yet" not in lines(patient)
    assert reads(
        patient,
        "leaflet_weigh_surgery",
        nl=(
            "Na zes tot acht weken is uw pijn niet genoeg minder … Volgens de folder wordt een scan van de rug dan "
            "nuttig"
        ),
        en=(
            "After six to eight weeks your pain is not reduced enough … According to the leaflet, a scan of the back "
            "then becomes useful"
        ),
    )


@pytest.mark.leaflet("L64", "L65")
def test_a_hernia_of_seven_weeks_with_relief_enough_gets_no_scan() -> None:
    patient = {**HERNIA, "duration_days": 49, "relief_sufficient": True}
    assert seen(patient).imaging is Use.NOT_USEFUL
    assert "leaflet_weigh_surgery" not in lines(patient)
    assert "leaflet_hernia_not_yet" in lines(patient)


@pytest.mark.leaflet("L65")
def test_a_hernia_of_seven_weeks_is_asked_whether_the_relief_is_enough() -> None:
    decision = seen({**HERNIA, "duration_days": 49})
    assert decision.imaging is None
    assert "relief_sufficient" in decision.ask


@pytest.mark.leaflet("L66")
def test_an_operation_is_weighed_partly_with_the_scan() -> None:
    patient = {**HERNIA, "duration_days": 49, "relief_sufficient": False}
    assert Act.DISCUSS_SURGERY in acts(patient)
    assert Act.OPERATE not in acts(patient)
    assert reads(
        patient,
        "leaflet_weigh_surgery",
        nl="Mede met die scan bekijkt de arts of een operatie nodig is … Bespreek dit met uw huisarts",
        en="Partly with that scan, the doctor looks at whether an operation is needed … Discuss this with your GP",
    )


PARALYSIS = [{"foot_drop": True}, {"weakness_progressive": True}, {"mrc_ankle_dorsiflexion": 3}, {"mrc_hip_flexion": 0}]


@pytest.mark.leaflet("L67")
@pytest.mark.parametrize("sign", PARALYSIS)
@pytest.mark.parametrize("days", [1, 49])
def test_paralysis_is_an_emergency_that_waits_for_no_six_weeks(sign: Person, days: int) -> None:
    patient = {**HERNIA, "duration_days": days, **sign}
    decision = seen(patient)
    assert decision.urgency is Urgency.EMERGENCY
    assert decision.imaging is Use.NEEDED
    assert [referral.to for referral in decision.refer if referral.when is Urgency.EMERGENCY] == ["neurologist"]
    assert "leaflet_hernia_not_yet" not in lines(patient)
    assert Act.SEEK_CARE_NOW in acts(patient)
    assert reads(
        patient,
        "leaflet_paralysis",
        nl=(
            "zo erg klem zitten dat spieren verlamd raken … Niet alleen pijn, maar ook dit kan een reden zijn voor een"
            " operatie … Dat kan dan ook eerder zijn … Zoek daarom nu hulp"
        ),
        en=(
            "trapped so badly that muscles become paralysed … Not only pain, but this too can be a reason for an "
            "operation … It can then also be sooner … get help now"
        ),
    )


@pytest.mark.leaflet("L67")
@pytest.mark.parametrize("rule", ["R2", "R3", "leaflet_paralysis"])
def test_paralysis_may_not_wait(rule: str) -> None:
    assert edition("leaflet").rule(rule).forbids >= {Act.WAIT, Act.SELF_CARE}
    assert not acts(PARALYSED) & {Act.WAIT, Act.STAY_AT_HOME, Act.SELF_CARE}


@pytest.mark.leaflet("L67")
@pytest.mark.parametrize("sign", [{}, {"mrc_ankle_dorsiflexion": 4}, {"numb_leg": True}])
def test_a_hernia_without_paralysis_is_no_emergency(sign: Person) -> None:
    decision = seen({**HERNIA, "duration_days": 21, **sign})
    assert decision.urgency is Urgency.SELF_CARE
    assert not decision.established


# -- Wie behandelt de rug? ------------------------------------------------------------------------------------------


@pytest.mark.leaflet("L69", "L70")
@pytest.mark.parametrize("person", ANYBODY)
def test_everybody_hears_that_a_back_is_complicated_and_no_two_are_alike(person: Person) -> None:
    assert reads(
        person,
        "leaflet_gp_first",
        nl="De rug zit ingewikkeld in elkaar … elke rugklacht is anders",
        en="The back is put together in a complicated way … each back complaint is different",
    )


@pytest.mark.leaflet("L71", "L72")
@pytest.mark.parametrize("person", ANYBODY)
def test_everybody_hears_that_the_back_doctor_is_the_gp(person: Person) -> None:
    assert reads(
        person,
        "leaflet_gp_first",
        nl=(
            "niet één vast probleem met de rug … in Nederland is dat de huisarts … samen met een fysiotherapeut een "
            "plan"
        ),
        en=(
            "no such thing as the one back problem … in the Netherlands that is the GP … a plan together with a "
            "physiotherapist"
        ),
    )


@pytest.mark.leaflet("L73")
def test_which_specialist_depends_on_how_long_and_what_kind() -> None:
    assert reads(
        NOTHING_TOLD,
        "leaflet_gp_first",
        nl="naar een specialist, en naar welke? … hangt af van uw klacht … hoe lang u die al heeft",
        en="a specialist, and which one? … depends on your complaint … How long you have had it",
    )


@pytest.mark.leaflet("L74")
@pytest.mark.parametrize("leg", ["numb_leg", "weak_leg_reported"])
def test_sciatica_with_other_trouble_in_the_leg_goes_to_the_neurologist_first(leg: str) -> None:
    patient = {**HERNIA, leg: True}
    assert reads(
        patient,
        "leaflet_which_specialist_neurologist",
        nl="ischias en ook andere klachten in uw been … uw huisarts u eerst naar een neuroloog sturen",
        en="sciatica and other complaints in your leg too … your GP can send you to a neurologist first",
    )
    assert Act.REFER_NEUROLOGIST in acts(patient)
    assert Act.REFER_ORTHOPAEDIST not in acts(patient)


@pytest.mark.leaflet("L74")
def test_sciatica_alone_is_not_sent_to_the_neurologist_for_its_kind() -> None:
    assert "leaflet_which_specialist_neurologist" not in lines(
        {**HERNIA, "numb_leg": False, "weak_leg_reported": False}
    )


@pytest.mark.leaflet("L75")
def test_a_back_that_needs_a_specialist_goes_to_the_orthopaedist() -> None:
    patient = {**BACK, "treatments_failed": 1}
    assert Act.REFER_ORTHOPAEDIST in acts(patient)
    assert Act.REFER_NEUROLOGIST not in acts(patient)
    assert "leaflet_which_specialist_orthopaedist" not in lines({**BACK, "treatments_failed": 0})
    assert "leaflet_which_specialist_orthopaedist" not in lines({**HERNIA, "treatments_failed": 1})
    assert reads(
        patient,
        "leaflet_which_specialist_orthopaedist",
        nl="vooral om uw rug, en is er een specialist nodig … past volgens de folder een orthopeed het best",
        en="mainly about your back, and is a specialist needed … according to the leaflet, an orthopaedist fits best",
    )


@pytest.mark.leaflet("L76")
@pytest.mark.parametrize("person", [BACK, HERNIA])
def test_trouble_that_no_treatment_helps_may_go_to_a_pain_team_or_a_back_advice_centre(person: Person) -> None:
    patient = {**person, "treatments_failed": 2}
    assert {Act.PAIN_TEAM, Act.BACK_ADVICE_CENTRE} <= acts(patient)
    assert "leaflet_very_long" not in lines({**person, "treatments_failed": 1})
    assert reads(
        patient,
        "leaflet_very_long",
        nl=(
            "heel lang, of zijn ze moeilijk … een pijnteam … centra voor mensen met pijn … centra voor advies over de "
            "rug"
        ),
        en="very long, or is it difficult … a pain team … centres for people with pain … back advice centres",
    )


@pytest.mark.leaflet("L77")
def test_a_psychologist_and_an_occupational_physician_may_take_part() -> None:
    patient = {**BACK, "treatments_failed": 2}
    assert {Act.PSYCHOSOCIAL, Act.OCCUPATIONAL_PHYSICIAN} <= acts(patient)
    assert reads(
        patient,
        "leaflet_very_long",
        nl="Een psycholoog of een bedrijfsarts kan daarbij meedoen",
        en="A psychologist or an occupational physician can take part",
    )


# -- Vragen ---------------------------------------------------------------------------------------------------------


@pytest.mark.leaflet("L79")
@pytest.mark.parametrize("person", ANYBODY)
def test_who_still_has_questions_asks_the_gp(person: Person) -> None:
    assert Act.ASK in acts(person)
    assert reads(
        person,
        "leaflet_questions",
        nl="Heeft u nog vragen? Stel ze aan uw huisarts … Schrijf ze op en neem ze mee",
        en="Do you have more questions? Ask your GP … Write them down and take them along",
    )
