//! A number as JSON text. Readers that take every JSON number for a double (jq, JavaScript) round one beyond 2^53, and an id of 19 digits would come back as
//! another's. So a number is not read either.

use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
pub(super) fn serialize<S: Serializer>(number: &i64, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(number)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use crate::control::{Command, Step};

    #[test]
    fn an_id_is_text_in_json_and_a_number_that_may_have_been_rounded_is_refused() {
        let payment = 2_026_112_203_000_903_247;
        let (by, reason) = ("kim".to_owned(), "called".to_owned());
        let command = Command::Operate { payment, number: None, step: Step::RetryNetCancel, by, reason };
        let text = serde_json::to_string(&command).expect("plain fields");
        assert!(text.contains(r#""payment":"2026112203000903247""#), "{text}");
        assert_eq!(serde_json::from_str::<Command>(&text).expect("its own words"), command);
        let rounded = text.replace(r#""2026112203000903247""#, "2026112203000903200");
        assert!(serde_json::from_str::<Command>(&rounded).is_err());
    }
}
