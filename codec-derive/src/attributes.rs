//! What the struct says: its attributes, and the names and types of its fields.

use proc_macro2::Span;
use syn::meta::ParseNestedMeta;
use syn::parse::Parse;
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
    let Some(attribute) = only(&input.attrs, "telegram")? else {
        return Err(syn::Error::new_spanned(&input.ident, FORM));
    };
    let (mut spec, mut dir, mut length) = (None, None, None);
    attribute.parse_nested_meta(|meta| {
        if meta.path.is_ident("spec") {
            once(&meta, &mut spec)
        } else if meta.path.is_ident("dir") {
            once(&meta, &mut dir)
        } else if meta.path.is_ident("length") {
            once(&meta, &mut length)
        } else {
            Err(meta.error(FORM))
        }
    })?;
    match (spec, length) {
        (Some(spec), Some(length)) => Ok(RecordAttribute { spec, dir, length }),
        _ => Err(syn::Error::new_spanned(attribute, FORM)),
    }
}

fn field_attribute(name: &Ident, attributes: &[Attribute]) -> syn::Result<FieldAttribute> {
    const FORM: &str = "expected #[field(at = …, len = …, kind = \"…\")], with align, pad and secret as the layout has them, \
                        and with = the module of a parser";
    let Some(attribute) = only(attributes, "field")? else {
        return Err(syn::Error::new_spanned(name, FORM));
    };
    let (mut at, mut len, mut kind) = (None, None, None);
    let (mut align, mut pad, mut secret, mut with) = (None, None, None, None);
    attribute.parse_nested_meta(|meta| {
        let key = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        match key.as_str() {
            "at" => once(&meta, &mut at),
            "len" => once(&meta, &mut len),
            "kind" => once(&meta, &mut kind),
            "align" => once(&meta, &mut align),
            "pad" => once(&meta, &mut pad),
            "secret" => once(&meta, &mut secret),
            "with" => once(&meta, &mut with),
            _ => Err(meta.error(FORM)),
        }
    })?;
    match (at, len, kind) {
        (Some(at), Some(len), Some(kind)) => {
            Ok(FieldAttribute { span: attribute.span(), at, len, kind, align, pad, secret, with })
        }
        _ => Err(syn::Error::new_spanned(attribute, FORM)),
    }
}

/// The attribute of that name, if there is one.
///
/// # Errors
/// There are several.
pub(crate) fn only<'a>(attributes: &'a [Attribute], name: &str) -> syn::Result<Option<&'a Attribute>> {
    let mut named = attributes.iter().filter(|attribute| attribute.path().is_ident(name));
    let first = named.next();
    match named.next() {
        None => Ok(first),
        Some(second) => Err(syn::Error::new_spanned(second, format!("#[{name}] stands here twice"))),
    }
}

/// Takes the value of a key that stands once.
fn once<T: Parse>(meta: &ParseNestedMeta<'_>, place: &mut Option<T>) -> syn::Result<()> {
    if place.replace(meta.value()?.parse()?).is_some() {
        return Err(meta.error("this key stands here twice"));
    }
    Ok(())
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
