//! What is generated for one field of the struct.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use specs::{Kind, Layout};
use syn::spanned::Spanned as _;
use syn::{Ident, Type, Visibility};

use super::table;
use crate::compare::Member;
use crate::rust_type::{canonical, codes_enum, occurrences};

/// One field of the struct.
pub(super) struct Part<'a> {
    member: &'a Member<'a>,
    /// Its index in the flat table; of a group, that of its first field.
    index: usize,
    shape: Shape<'a>,
}

enum Shape<'a> {
    Value,
    Group,
    /// A group that occurs a fixed number of times.
    Array {
        group: &'a Type,
    },
    /// A group whose occurrences the field at that range and index counts.
    Items {
        group: &'a Type,
        counter: Counter,
    },
}

struct Counter {
    index: usize,
    range: TokenStream,
}

impl<'a> Part<'a> {
    pub(super) fn new(member: &'a Member<'a>, layout: &Layout) -> Self {
        let flat = layout.flat_fields();
        let index_at =
            |at| flat.iter().position(|flat| flat.at == at).expect("every field is in the flat table");
        let spec = member.spec;
        let shape = match (spec.kind, occurrences(member.field.ty)) {
            (Kind::Group, Some((group, is_counted, _))) => match spec.count.as_deref() {
                Some(count) if is_counted => {
                    let at = layout.field(count).map_or(0, |count| count.at);
                    let end = at + table::length_at(at, &flat);
                    let range = quote!(#at..#end);
                    let counter = Counter { index: index_at(at), range };
                    Shape::Items { group, counter }
                }
                _ => Shape::Array { group },
            },
            (Kind::Group, None) => Shape::Group,
            _ => Shape::Value,
        };
        Self { member, index: index_at(spec.at), shape }
    }

    pub(super) fn name(&self) -> &Ident {
        self.member.field.name
    }

    fn range(&self) -> TokenStream {
        let (start, end) = (self.member.spec.at, self.member.spec.at + self.member.spec.extent());
        quote! { #start..#end }
    }

    pub(super) fn read(&self) -> TokenStream {
        let (name, ty, range, index) = (self.name(), self.member.field.ty, self.range(), self.index);
        match &self.shape {
            Shape::Value => {
                quote! { #name: <#ty as ::codec::derived::Value>::read(&bytes[#range], &FIELDS[#index]) }
            }
            Shape::Group => quote! { #name: <#ty as ::codec::Telegram>::trusted_read(&bytes[#range]) },
            Shape::Array { group } => {
                quote! { #name: ::codec::derived::read_array::<#group, _>(&bytes[#range]) }
            }
            Shape::Items { group, counter } => {
                let counter = &counter.range;
                quote! { #name: ::codec::derived::read_items::<#group, _>(&bytes[#range], &bytes[#counter]) }
            }
        }
    }

    pub(super) fn fits(&self) -> TokenStream {
        let (name, ty, at, index) = (self.name(), self.member.field.ty, self.member.spec.at, self.index);
        let (at_each, each) = match &self.shape {
            Shape::Value => {
                return quote! {
                    if let Err(rule) = <#ty as ::codec::derived::Value>::fits(&self.#name, &FIELDS[#index]) {
                        return Err(::codec::derived::Misfit { at: #at, rule });
                    }
                };
            }
            Shape::Group => {
                return quote! {
                    if let Err(misfit) = <#ty as ::codec::Telegram>::fits(&self.#name) {
                        return Err(::codec::derived::Misfit { at: #at + misfit.at, rule: misfit.rule });
                    }
                };
            }
            Shape::Array { group } | Shape::Items { group, .. } => {
                (quote!(#at + index * <#group as ::codec::Telegram>::LENGTH), group)
            }
        };
        quote! {
            for (index, item) in self.#name.iter().enumerate() {
                if let Err(misfit) = <#each as ::codec::Telegram>::fits(item) {
                    return Err(::codec::derived::Misfit { at: #at_each + misfit.at, rule: misfit.rule });
                }
            }
        }
    }

    pub(super) fn write(&self) -> TokenStream {
        let (name, ty, range, index) = (self.name(), self.member.field.ty, self.range(), self.index);
        match &self.shape {
            Shape::Value => {
                quote! { <#ty as ::codec::derived::Value>::write(&self.#name, &mut out[#range], &FIELDS[#index]); }
            }
            Shape::Group => {
                quote! { <#ty as ::codec::Telegram>::trusted_write(&self.#name, &mut out[#range]); }
            }
            Shape::Array { .. } => {
                quote! { ::codec::derived::write_each(self.#name.iter(), &mut out[#range]); }
            }
            Shape::Items { counter: Counter { index, range: counter }, .. } => quote! {
                ::codec::derived::write_each(self.#name.iter(), &mut out[#range]);
                ::codec::derived::write_count(self.#name.len(), &mut out[#counter], &FIELDS[#index]);
            },
        }
    }

    /// The view's accessor.
    pub(super) fn accessor(&self, visibility: &Visibility) -> TokenStream {
        let (name, ty, range, index) = (self.name(), self.member.field.ty, self.range(), self.index);
        let about = self.about();
        let (output, body) = match &self.shape {
            Shape::Value => (
                quote!(#ty),
                quote!(<#ty as ::codec::derived::Value>::read(&self.bytes[#range], &FIELDS[#index])),
            ),
            Shape::Group => (
                quote!(<#ty as ::codec::Telegram>::View<'a>),
                quote!(<#ty as ::codec::Telegram>::trusted_view(&self.bytes[#range])),
            ),
            Shape::Array { group } => (
                quote!(::codec::Occurrences<'a, #group>),
                quote!(::codec::derived::occurrences(&self.bytes[#range], None)),
            ),
            Shape::Items { group, counter } => {
                let counter = &counter.range;
                (
                    quote!(::codec::Occurrences<'a, #group>),
                    quote!(::codec::derived::occurrences(&self.bytes[#range], Some(&self.bytes[#counter]))),
                )
            }
        };
        quote! {
            #[doc = #about]
            #[inline]
            #visibility fn #name(self) -> #output {
                #body
            }
        }
    }

    /// The view's access to a field that has a parser of its own.
    pub(super) fn parser(&self, visibility: &Visibility) -> Option<TokenStream> {
        let module = self.member.field.attribute.with.as_ref()?;
        let name = format_ident!("parse_{}", self.name());
        let (range, index) = (self.range(), self.index);
        let about = format!("{} Parsed now, and only now.", self.about());
        Some(quote! {
            #[doc = #about]
            ///
            /// # Errors
            /// The parser's own.
            #visibility fn #name(self) -> ::core::result::Result<#module::Parsed<'a>, #module::Malformed> {
                #module::parse(::codec::derived::content(&self.bytes[#range], &FIELDS[#index]))
            }
        })
    }

    /// The patch's setter, or its way into a group.
    pub(super) fn setter(&self, visibility: &Visibility, record: &Ident) -> TokenStream {
        let (ty, range, index) = (self.member.field.ty, self.range(), self.index);
        let (name, about) = (self.name(), self.about());
        match &self.shape {
            Shape::Value => {
                let name = format_ident!("set_{name}");
                quote! {
                    #[doc = #about]
                    ///
                    /// # Errors
                    /// The value does not fit; the telegram is as it was.
                    #visibility fn #name(&mut self, value: #ty) -> ::core::result::Result<&mut Self, ::codec::Error> {
                        let layout = <#record as ::codec::Telegram>::LAYOUT;
                        ::codec::derived::set(&value, &mut self.bytes[#range], layout, &FIELDS[#index])?;
                        Ok(self)
                    }
                }
            }
            Shape::Group => quote! {
                #[doc = #about]
                #visibility fn #name(&mut self) -> <#ty as ::codec::Telegram>::Patch<'_> {
                    <#ty as ::codec::Telegram>::trusted_patch(&mut self.bytes[#range])
                }
            },
            Shape::Array { group } => quote! {
                #[doc = #about]
                #visibility fn #name(&mut self, index: usize) -> Option<<#group as ::codec::Telegram>::Patch<'_>> {
                    ::codec::derived::patch_of::<#group>(index, &mut self.bytes[#range])
                }
            },
            Shape::Items { group, counter } => {
                let counter = &counter.range;
                let about = format!("{about} One of those in use.");
                quote! {
                    #[doc = #about]
                    #visibility fn #name(&mut self, index: usize) -> Option<<#group as ::codec::Telegram>::Patch<'_>> {
                        let used = ::codec::derived::count(&self.bytes[#counter]);
                        if index >= used {
                            return None;
                        }
                        ::codec::derived::patch_of::<#group>(index, &mut self.bytes[#range])
                    }
                }
            }
        }
    }

    fn about(&self) -> String {
        let spec = self.member.spec;
        format!("{}: {} at {}..{}.", spec.title, spec.kind, spec.at, spec.at + spec.extent())
    }

    /// What only the compiler can check of the type: that its names mean this crate's types, that a group is a telegram of the group's
    /// layout, and that an enum has the layout's codes.
    pub(super) fn type_check(&self) -> TokenStream {
        let (spec, name) = (self.member.spec, self.name());
        if let Some(layout) = spec.group.as_ref() {
            let ty = match &self.shape {
                Shape::Value | Shape::Group => self.member.field.ty,
                Shape::Array { group } | Shape::Items { group, .. } => *group,
            };
            let (expected, length, digest) = (&layout.name, layout.length, table::digest(layout));
            let other = format!(
                "the field \"{name}\" must be a telegram of the spec {expected} in the same folder, found one of another {expected}"
            );
            let place = format!(
                "the field \"{name}\" must be a telegram of the spec {expected} ({length} bytes), found "
            );
            return quote_spanned! {ty.span()=>
                const _: () = {
                    const FOUND: &::codec::Layout = <#ty as ::codec::Telegram>::LAYOUT;
                    const MESSAGE: ::codec::derived::Message =
                        ::codec::derived::Message::new(#place).text(FOUND.name).text(" (").number(FOUND.length).text(" bytes)");
                    assert!(::codec::derived::same_text(FOUND.name, #expected) && FOUND.length == #length, "{}", MESSAGE.as_str());
                    assert!(FOUND.digest == #digest, #other);
                };
            };
        }
        let field_type = self.member.field.ty;
        let canonical = canonical(field_type, spec);
        let same_type = quote_spanned! {field_type.span()=>
            const _: fn(#field_type) -> #canonical = |value| value;
        };
        let Some(ty) = codes_enum(field_type).filter(|_| spec.kind == Kind::Code) else {
            return same_type;
        };
        let len = spec.len;
        let length_place = format!("the codes of the field \"{name}\" must be of length {len}, found ");
        let length_check = quote_spanned! {ty.span()=>
            const _: () = {
                const FOUND: usize = <#ty as ::codec::Coded>::LENGTH;
                const MESSAGE: ::codec::derived::Message = ::codec::derived::Message::new(#length_place).number(FOUND);
                assert!(FOUND == #len, "{}", MESSAGE.as_str());
            };
        };
        if spec.codes.is_empty() {
            return quote! { #same_type #length_check };
        }
        let codes: Vec<&str> = spec.codes.iter().map(|(code, _)| code.as_str()).collect();
        let codes_place =
            format!("the field \"{name}\" must have the codes of its spec, {}: found ", codes.join(", "));
        let codes_check = quote_spanned! {ty.span()=>
            const _: () = {
                const FOUND: &[&str] = <#ty as ::codec::Coded>::CODES;
                const MESSAGE: ::codec::derived::Message = ::codec::derived::Message::new(#codes_place).list(FOUND);
                assert!(::codec::derived::same_codes(FOUND, &[#(#codes),*]), "{}", MESSAGE.as_str());
            };
        };
        quote! { #same_type #length_check #codes_check }
    }
}
