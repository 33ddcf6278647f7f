"""What is read of each kind of FHIR R4 resource, and of which type it must be; msgspec checks it while it decodes.

Only elements that say something here are named; whatever else a resource holds is passed by. A null is as good as left
out. A date may be a year or a month: who needs the day asks for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9.-]{1,64}\Z")]
Date = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?\Z"
    ),
]


class Element(msgspec.Struct, gc=False, rename="camel"):
    """A piece of a resource; its names are those of FHIR, with small letters."""


class Extension(Element):
    url: str | None = None
    value_code: str | None = None


class Beside(Element):
    """What stands beside a plain value, under its name with a dash before it."""

    extension: list[Extension] | None = None


class Coding(Element):
    system: str | None = None
    code: str | None = None
    extension: list[Extension] | None = None


class Concept(Element):
    """A CodeableConcept."""

    coding: list[Coding] | None = None
    text: str | None = None
    extension: list[Extension] | None = None


class Reference(Element):
    reference: str | None = None
    type: str | None = None


class Period(Element):
    start: Date | None = None
    end: Date | None = None


class Quantity(Element):
    value: int | float | None = None
    comparator: Literal["<", "<=", ">=", ">"] | None = None
    unit: str | None = None
    system: str | None = None
    code: str | None = None
    extension: list[Extension] | None = None


class Version(Element):
    """The ``meta`` of a resource."""

    last_updated: datetime | None = None


class Contained(Element):
    resource_type: str
    id: str | None = None
    code: Concept | None = None


class Valued(Element, kw_only=True):
    """What has a ``value[x]`` of any type that R4 gives it."""

    value_boolean: bool | None = None
    value_integer: int | None = None
    value_decimal: int | float | None = None
    value_quantity: Quantity | None = None
    value_codeable_concept: Concept | None = None
    value_coding: Coding | None = None
    value_date: Date | None = None
    value_date_time: Date | None = None
    value_string: Any = None
    value_uri: Any = None
    value_time: Any = None
    value_period: Any = None
    value_range: Any = None
    value_ratio: Any = None
    value_sampled_data: Any = None
    value_attachment: Any = None
    value_reference: Any = None
    beside_boolean: Beside | None = msgspec.field(default=None, name="_valueBoolean")
    beside_integer: Beside | None = msgspec.field(default=None, name="_valueInteger")
    beside_decimal: Beside | None = msgspec.field(default=None, name="_valueDecimal")
    beside_date: Beside | None = msgspec.field(default=None, name="_valueDate")
    beside_date_time: Beside | None = msgspec.field(default=None, name="_valueDateTime")
    modifier_extension: list[Extension] | None = None


class Resource(Element, tag_field="resourceType", kw_only=True):
    id: Id | None = None
    meta: Version | None = None
    implicit_rules: str | None = None
    contained: list[Contained] | None = None
    modifier_extension: list[Extension] | None = None


class Patient(Resource):
    birth_date: Date | None = None
    deceased_date_time: Date | None = None
    extension: list[Extension] | None = None
    managing_organization: Reference | None = None
    general_practitioner: list[Reference] | None = None


class Diagnosis(Element):
    condition: Reference | None = None


class Encounter(Resource):
    status: Literal[
        "planned",
        "arrived",
        "triaged",
        "in-progress",
        "onleave",
        "finished",
        "cancelled",
        "entered-in-error",
        "unknown",
    ]
    subject: Reference | None = None
    kind: Coding | None = msgspec.field(default=None, name="class")
    type: list[Concept] | None = None
    service_type: Concept | None = None
    period: Period | None = None
    reason_code: list[Concept] | None = None
    reason_reference: list[Reference] | None = None
    diagnosis: list[Diagnosis] | None = None


class Condition(Resource):
    subject: Reference | None = None
    clinical_status: Concept | None = None
    verification_status: Concept | None = None
    code: Concept | None = None
    encounter: Reference | None = None
    recorded_date: Date | None = None
    onset_date_time: Date | None = None
    abatement_date_time: Any = None
    abatement_age: Any = None
    abatement_period: Any = None
    abatement_range: Any = None
    abatement_string: Any = None


class Component(Valued, kw_only=True):
    code: Concept | None = None
    data_absent_reason: Concept | None = None


class Own(Element):
    """What is of this one Observation, and not of what it says."""

    id: Id | None = None
    meta: Version | None = None
    subject: Reference | None = None
    effective_date_time: Date | None = None
    issued: Date | None = None


class Observation(Component, tag_field="resourceType", kw_only=True):
    id: Id | None = None
    meta: Version | None = None
    implicit_rules: str | None = None
    contained: list[Contained] | None = None
    status: Literal[
        "registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"
    ]
    subject: Reference | None = None
    focus: Any = None
    performer: list[Reference] | None = None
    effective_date_time: Date | None = None
    effective_instant: Date | None = None
    effective_period: Period | None = None
    effective_timing: Any = None
    issued: Date | None = None
    component: list[Component] | None = None


class Answer(Valued, kw_only=True):
    item: list[Item] | None = None


class Item(Element):
    link_id: str | None = None
    answer: list[Answer] | None = None
    item: list[Item] | None = None
    modifier_extension: list[Extension] | None = None


class QuestionnaireResponse(Resource):
    status: Literal["in-progress", "completed", "amended", "entered-in-error", "stopped"]
    questionnaire: str | None = None
    subject: Reference | None = None
    authored: Date | None = None
    author: Reference | None = None
    source: Reference | None = None
    item: list[Item] | None = None


class ServiceRequest(Resource):
    status: Literal["draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"]
    intent: Literal[
        "proposal", "plan", "directive", "order", "original-order", "reflex-order", "filler-order", "instance-order",
        "option",
    ]  # fmt: skip
    do_not_perform: bool | None = None
    code: Concept | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    occurrence_date_time: Date | None = None
    authored_on: Date | None = None
    reason_code: list[Concept] | None = None


class ImagingStudy(Resource):
    status: Literal["registered", "available", "cancelled", "entered-in-error", "unknown"]
    subject: Reference | None = None
    started: Date | None = None
    based_on: list[Reference] | None = None
    procedure_code: list[Concept] | None = None


class Procedure(Resource):
    status: Literal[
        "preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown"
    ]
    subject: Reference | None = None
    code: Concept | None = None
    based_on: list[Reference] | None = None
    performed_date_time: Date | None = None
    performed_period: Period | None = None


class MedicationRequest(Resource):
    status: Literal[
        "active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown"
    ]  # fmt: skip
    intent: Literal[
        "proposal", "plan", "order", "original-order", "reflex-order", "filler-order", "instance-order", "option"
    ]
    do_not_perform: bool | None = None
    subject: Reference | None = None
    authored_on: Date | None = None
    medication_codeable_concept: Concept | None = None
    medication_reference: Reference | None = None


class Medication(Resource):
    """A medicine to which requests point, in a line of its own."""

    status: Literal["active", "inactive", "entered-in-error"] | None = None
    code: Concept | None = None


AnyOf = (
    Patient
    | Encounter
    | Condition
    | Observation
    | QuestionnaireResponse
    | ServiceRequest
    | ImagingStudy
    | Procedure
    | MedicationRequest
    | Medication
)
KINDS = tuple(kind.__name__ for kind in AnyOf.__args__)


class Kind(Element):
    """A resource of a kind that is not read."""

    resource_type: Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Za-z]{1,39}\Z")]
