//! `#[derive(Code)]`: an enum of codes.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::{Data, DeriveInput, Fields, LitInt, LitStr, Variant};

use crate::attributes::{Errors, only};

/// One variant with its code.
struct Known<'a> {
    variant: &'a Variant,
    code: LitStr,
}

/// The whole expansion.
pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    const FORM: &str = "expected an enum with #[code(len = …)], a #[code(\"…\")] on each variant, and one variant Other(Code<…>)";
    let Data::Enum(data) = &input.data else {
        return Err(syn::Error::new_spanned(&input.ident, FORM));
    };
    let mut errors = Errors::default();
    let length = errors.keep(length(input, FORM));
    let mut known = Vec::new();
    let mut other = None;
    for variant in &data.variants {
        let attribute = errors.keep(only(&variant.attrs, "code")).flatten();
        match (attribute, &variant.fields) {
            (Some(attribute), Fields::Unit) => {
                if let Some(code) = errors.keep(attribute.parse_args::<LitStr>()) {
                    known.push(Known { variant, code });
                }
            }
            (None, Fields::Unnamed(fields)) if fields.unnamed.len() == 1 && other.is_none() => {
                other = Some(variant);
            }
            _ => errors.add(syn::Error::new_spanned(variant, FORM)),
        }
    }
    if other.is_none() {
        errors.add(syn::Error::new_spanned(
            &input.ident,
            "expected one variant Other(Code<…>): an unknown code is kept",
        ));
    }
    if let Some(length) = &length {
        check_codes(&known, length, &mut errors);
    }
    errors.finish()?;
    match (length, other) {
        (Some(length), Some(other)) => Ok(emit(input, &length, &known, other)),
        _ => Err(syn::Error::new_spanned(&input.ident, FORM)),
    }
}

fn length(input: &DeriveInput, form: &str) -> syn::Result<LitInt> {
    let attribute = only(&input.attrs, "code")?;
    let attribute = attribute.ok_or_else(|| syn::Error::new_spanned(&input.ident, form))?;
    let mut length = None;
    attribute.parse_nested_meta(|meta| {
        if !meta.path.is_ident("len") {
            return Err(meta.error(form));
        }
        length = Some(meta.value()?.parse()?);
        Ok(())
    })?;
    length.ok_or_else(|| syn::Error::new_spanned(attribute, form))
}

fn check_codes(known: &[Known<'_>], length: &LitInt, errors: &mut Errors) {
    let Some(most) = errors.keep(length.base10_parse::<usize>()) else { return };
    for (index, Known { code, .. }) in known.iter().enumerate() {
        let text = code.value();
        let is_code = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.len() > most {
            let message = format!("the codes are of {most} bytes, {text:?} has {}", text.len());
            errors.add(syn::Error::new(code.span(), message));
        } else if !is_code {
            errors.add(syn::Error::new(code.span(), format!("expected printable ASCII, found {text:?}")));
        }
        if known[..index].iter().any(|earlier| earlier.code.value() == text) {
            errors.add(syn::Error::new(code.span(), format!("the code {text:?} stands twice")));
        }
    }
}

fn emit(input: &DeriveInput, length: &LitInt, known: &[Known<'_>], other: &Variant) -> TokenStream {
    let (name, other) = (&input.ident, &other.ident);
    let variants: Vec<_> = known.iter().map(|known| &known.variant.ident).collect();
    let codes: Vec<_> = known.iter().map(|known| known.code.value()).collect();
    let bytes = codes.iter().map(|code| Literal::byte_string(code.as_bytes()));
    let length_here = quote::quote_spanned!(length.span()=> #length);
    quote! {
        #[automatically_derived]
        impl ::codec::Coded for #name {
            const LENGTH: usize = #length_here;
            const CODES: &'static [&'static str] = &[#(#codes),*];
        }

        #[automatically_derived]
        impl ::core::convert::From<::codec::Code<#length>> for #name {
            #[inline]
            fn from(code: ::codec::Code<#length>) -> Self {
                match code.as_bytes() {
                    #(#bytes => Self::#variants,)*
                    _ => Self::#other(code),
                }
            }
        }

        #[automatically_derived]
        impl ::core::convert::From<#name> for ::codec::Code<#length> {
            #[inline]
            fn from(code: #name) -> Self {
                match code {
                    #(#name::#variants => const { ::codec::Code::constant(#codes) },)*
                    #name::#other(code) => code,
                }
            }
        }

        #[automatically_derived]
        impl ::codec::derived::Value for #name {
            #[inline]
            fn read(bytes: &[u8], field: &::codec::Field) -> Self {
                <::codec::Code<#length> as ::codec::derived::Value>::read(bytes, field).into()
            }

            #[inline]
            fn fits(&self, _field: &::codec::Field) -> ::core::result::Result<(), ::codec::Rule> {
                Ok(())
            }

            #[inline]
            fn write(&self, out: &mut [u8], field: &::codec::Field) {
                ::codec::derived::Value::write(&::codec::Code::<#length>::from(*self), out, field);
            }

            #[inline]
            fn is_blank(&self) -> bool {
                ::codec::Code::<#length>::from(*self).is_empty()
            }
        }
    }
}
