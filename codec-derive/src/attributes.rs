//! What the struct says: its attributes, and the names and types of its fields.

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::{Attribute, Data, DeriveInput, Fields, Ident, LitInt, LitStr, Path, Type, Visibility};

/// The struct as it is written.
pub(crate) struct Record<'a> {
    pub(crate) name: &'a Ident,
    pub(crate) visibility: &'a Visibility,
    pub(crate) attribute: RecordAttribute,
    pub(crate) fields: Vec<RecordField<'a>>,
}

/// `#[telegram(spec = "…", length = …)]`
pub(crate) struct RecordAttribute {
    pub(crate) spec: LitStr,
    pub(crate) dir: Option<LitStr>,
    pub(crate) length: LitInt,
}

/// A field of the struct.
pub(crate) struct RecordField<'a> {
    pub(crate) name: &'a Ident,
    pub(crate) ty: &'a Type,
    pub(crate) attribute: FieldAttribute,
}

/// `#[field(at = …, len = …, kind = "…", align = "…", pad = "…", secret = "…", with = …)]`
pub(crate) struct FieldAttribute {
    pub(crate) span: Span,
    pub(crate) at: LitInt,
    pub(crate) len: LitInt,
    pub(crate) kind: LitStr,
    pub(crate) align: Option<LitStr>,
    pub(crate) pad: Option<LitStr>,
    pub(crate) secret: Option<LitStr>,
    /// The module that parses the field's content.
    pub(crate) with: Option<Path>,
}

/// Reads the struct; all that is malformed is reported together.
pub(crate) fn record(input: &DeriveInput) -> syn::Result<Record<'_>> {
    let Data::Struct(data) = &input.data else {
        return Err(syn::Error::new_spanned(&input.ident, "a telegram is a struct with named fields"));
    };
    let Fields::Named(named) = &data.fields else {
        return Err(syn::Error::new_spanned(&input.ident, "a telegram is a struct with named fields"));
    };
    if !input.generics.params.is_empty() {
        return Err(syn::Error::new_spanned(
            &input.generics,
            "a telegram has no parameters: its layout is one",
        ));
    }
    let mut errors = Errors::default();
    let attribute = errors.keep(record_attribute(input));
    let mut fields: Vec<RecordField<'_>> = Vec::new();
    for field in &named.named {
        let name = field.ident.as_ref().expect("named fields have names");
        if fields.iter().any(|earlier| earlier.name == name) {
            errors.add(syn::Error::new(name.span(), format!("the struct has the field \"{name}\" twice")));
        }
        if let Some(attribute) = errors.keep(field_attribute(name, &field.attrs)) {
            fields.push(RecordField { name, ty: &field.ty, attribute });
        }
    }
    errors.finish()?;
    let attribute = attribute.expect("without an attribute there is an error");
    Ok(Record { name: &input.ident, visibility: &input.vis, attribute, fields })
}

fn record_attribute(input: &DeriveInput) -> syn::Result<RecordAttribute> {
    const FORM: &str = "expected #[telegram(spec = \"…\", length = …)]";
    let Some(attribute) = input.attrs.iter().find(|attribute| attribute.path().is_ident("telegram")) else {
        return Err(syn::Error::new_spanned(&input.ident, FORM));
    };
    let (mut spec, mut dir, mut length) = (None, None, None);
    attribute.parse_nested_meta(|meta| {
        if meta.path.is_ident("spec") {
            spec = Some(meta.value()?.parse()?);
        } else if meta.path.is_ident("dir") {
            dir = Some(meta.value()?.parse()?);
        } else if meta.path.is_ident("length") {
            length = Some(meta.value()?.parse()?);
        } else {
            return Err(meta.error(FORM));
        }
        Ok(())
    })?;
    match (spec, length) {
        (Some(spec), Some(length)) => Ok(RecordAttribute { spec, dir, length }),
        _ => Err(syn::Error::new_spanned(attribute, FORM)),
    }
}

fn field_attribute(name: &Ident, attributes: &[Attribute]) -> syn::Result<FieldAttribute> {
    const FORM: &str = "expected #[field(at = …, len = …, kind = \"…\")], with align, pad and secret as the layout has them, \
                        and with = the module of a parser";
    let Some(attribute) = attributes.iter().find(|attribute| attribute.path().is_ident("field")) else {
        return Err(syn::Error::new_spanned(name, FORM));
    };
    let (mut at, mut len, mut kind) = (None, None, None);
    let (mut align, mut pad, mut secret, mut with) = (None, None, None, None);
    attribute.parse_nested_meta(|meta| {
        let key = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        match key.as_str() {
            "at" => at = Some(meta.value()?.parse()?),
            "len" => len = Some(meta.value()?.parse()?),
            "kind" => kind = Some(meta.value()?.parse()?),
            "align" => align = Some(meta.value()?.parse()?),
            "pad" => pad = Some(meta.value()?.parse()?),
            "secret" => secret = Some(meta.value()?.parse()?),
            "with" => with = Some(meta.value()?.parse()?),
            _ => return Err(meta.error(FORM)),
        }
        Ok(())
    })?;
    match (at, len, kind) {
        (Some(at), Some(len), Some(kind)) => {
            Ok(FieldAttribute { span: attribute.span(), at, len, kind, align, pad, secret, with })
        }
        _ => Err(syn::Error::new_spanned(attribute, FORM)),
    }
}

/// Collects errors, so that all of them are shown at once.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    /// Adds one error.
    pub(crate) fn add(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// The value, or nothing after its error was added.
    pub(crate) fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    /// All errors, if there are any.
    pub(crate) fn finish(self) -> syn::Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}
