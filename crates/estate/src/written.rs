//! Where values were written: in the file that was parsed, or in the file of an author from whose
//! template or plan they were derived.

use palisade_document::{Origin, Place, Provenance, Span, Text};

use crate::Estate;

impl Estate {
    /// The place that decided a value: its own, or that of the literal which a derived value goes
    /// back to.
    pub fn written_at(&self, origin: Origin) -> (&Text, Span) {
        let value = self.value(origin);
        match self.provenance(origin).and_then(|source| source.place) {
            Some(place) => self.text_at(place),
            None => (value.document().text(), value.span()),
        }
    }

    /// The place where a value is used: its own, or where the template takes a derived value from
    /// a variable, a parameter or the like.
    pub fn used_at(&self, origin: Origin) -> (&Text, Span) {
        let mut steps = self
            .provenance(origin)
            .into_iter()
            .flat_map(Provenance::links);
        match steps.find_map(|step| step.place) {
            Some(place) => self.text_at(place),
            None => self.written_at(origin),
        }
    }

    /// How a derived value got where it is used.
    pub fn provenance(&self, origin: Origin) -> Option<&Provenance> {
        self.value(origin).provenance()
    }

    /// The file of a place.
    pub fn text_at(&self, place: Place) -> (&Text, Span) {
        (self.document(place.document).text(), place.span)
    }
}
