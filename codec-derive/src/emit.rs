//! Writes the implementation: tables, view, decoding and encoding.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use specs::{Align, FlatField, Format, Kind, Layout};

use crate::attributes::Record;
use crate::compare::Member;
use crate::spec::Spec;

/// The whole expansion.
pub(crate) fn emit(record: &Record<'_>, spec: &Spec, members: &[Member<'_>]) -> TokenStream {
    let name = record.name;
    let view = format_ident!("{name}View");
    let length = spec.layout.length;
    let layout = layout_table(&spec.layout);
    let template = Literal::byte_string(&template(&spec.layout));
    let parts: Vec<Part<'_>> = members.iter().map(|member| Part::new(member, &spec.layout)).collect();

    let conforms = conformance(&spec.layout);
    let reads = parts.iter().map(Part::read);
    let fits = parts.iter().map(Part::fits);
    let writes = parts.iter().map(Part::write);
    let checks = parts.iter().filter_map(Part::group_check);
    let files = spec.files.iter().map(|file| {
        let file = file.to_string_lossy();
        quote! { const _: &[u8] = include_bytes!(#file); }
    });
    let view_struct = emit_view_struct(record, &spec.layout);
    let view_impls = emit_view_impls(record, &parts);

    quote! {
        #view_struct

        const _: () = {
            #(#files)*
            #(#checks)*

            const FIELDS: &[::codec::Field] = <#name as ::codec::Telegram>::LAYOUT.fields;

            #view_impls

            #[automatically_derived]
            impl ::codec::Telegram for #name {
                type View<'a> = #view<'a>;
                const LENGTH: usize = #length;
                const LAYOUT: &'static ::codec::Layout = &#layout;
                const TEMPLATE: &'static [u8] = #template;

                fn encode(&self, out: &mut impl ::codec::derived::BufMut) -> ::core::result::Result<(), ::codec::Error> {
                    ::codec::derived::append::<Self, #length>(self, out)
                }

                #[inline]
                fn conforms(bytes: &[u8]) -> bool {
                    let Ok(bytes) = <&[u8; #length]>::try_from(bytes) else { return false };
                    true #(& #conforms)*
                }

                #[inline]
                fn trusted_view(bytes: &[u8]) -> Self::View<'_> {
                    #view { bytes: bytes.try_into().expect("a view is of a whole telegram") }
                }

                #[inline]
                fn trusted_read(bytes: &[u8]) -> Self {
                    let bytes: &[u8; #length] = bytes.try_into().expect("a whole telegram is read");
                    Self { #(#reads,)* }
                }

                #[inline]
                fn fits(&self) -> ::core::result::Result<(), ::codec::derived::Misfit> {
                    #(#fits)*
                    Ok(())
                }

                #[inline]
                fn trusted_write(&self, out: &mut [u8]) {
                    let out: &mut [u8; #length] = out.try_into().expect("a whole telegram is written");
                    #(#writes)*
                }
            }
        };
    }
}

fn emit_view_struct(record: &Record<'_>, layout: &Layout) -> TokenStream {
    let visibility = record.visibility;
    let view = format_ident!("{}View", record.name);
    let length = layout.length;
    let about = format!("A validated {} ({}) in place: {length} bytes.", layout.name, layout.title);
    quote! {
        #[doc = #about]
        #[derive(Clone, Copy)]
        #visibility struct #view<'a> {
            bytes: &'a [u8; #length],
        }
    }
}

fn emit_view_impls(record: &Record<'_>, parts: &[Part<'_>]) -> TokenStream {
    let (name, visibility) = (record.name, record.visibility);
    let view = format_ident!("{name}View");
    let view_name = view.to_string();
    let to_owned = format!("Reads every field into a [`{name}`].");
    let accessors = parts.iter().map(|part| part.accessor(visibility));
    let shown = parts.iter().map(|part| {
        let name = part.name();
        let text = name.to_string();
        quote! { .field(#text, &self.#name()) }
    });
    quote! {
        #[automatically_derived]
        #[allow(dead_code, reason = "a view offers every field, used or not")]
        impl<'a> #view<'a> {
            #(#accessors)*

            #[doc = #to_owned]
            #visibility fn to_owned(self) -> #name {
                <#name as ::codec::Telegram>::trusted_read(self.bytes)
            }

            /// The telegram's bytes.
            #visibility fn as_bytes(self) -> &'a [u8] {
                self.bytes
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Debug for #view<'_> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(#view_name)#(#shown)*.finish()
            }
        }
    }
}

/// What is generated for one field of the struct.
struct Part<'a> {
    member: &'a Member<'a>,
    /// Its index in the flat table; of a group, that of its first field.
    index: usize,
}

impl<'a> Part<'a> {
    fn new(member: &'a Member<'a>, layout: &Layout) -> Self {
        let at = member.spec.at;
        let index = layout.flat_fields().iter().position(|flat| flat.at == at);
        Self { member, index: index.expect("every field has its bytes in the flat table") }
    }

    fn name(&self) -> &syn::Ident {
        self.member.field.name
    }

    fn is_group(&self) -> bool {
        self.member.spec.kind == Kind::Group
    }

    fn range(&self) -> TokenStream {
        let (start, end) = (self.member.spec.at, self.member.spec.at + self.member.spec.len);
        quote! { #start..#end }
    }

    fn read(&self) -> TokenStream {
        let (name, ty, range, index) = (self.name(), self.member.field.ty, self.range(), self.index);
        if self.is_group() {
            quote! { #name: <#ty as ::codec::Telegram>::trusted_read(&bytes[#range]) }
        } else {
            quote! { #name: <#ty as ::codec::derived::Value>::read(&bytes[#range], &FIELDS[#index]) }
        }
    }

    fn fits(&self) -> TokenStream {
        let (name, ty, at, index) = (self.name(), self.member.field.ty, self.member.spec.at, self.index);
        if self.is_group() {
            quote! {
                if let Err(misfit) = <#ty as ::codec::Telegram>::fits(&self.#name) {
                    return Err(::codec::derived::Misfit { at: #at + misfit.at, rule: misfit.rule });
                }
            }
        } else {
            quote! {
                if let Err(rule) = <#ty as ::codec::derived::Value>::fits(&self.#name, &FIELDS[#index]) {
                    return Err(::codec::derived::Misfit { at: #at, rule });
                }
            }
        }
    }

    fn write(&self) -> TokenStream {
        let (name, ty, range, index) = (self.name(), self.member.field.ty, self.range(), self.index);
        if self.is_group() {
            quote! { <#ty as ::codec::Telegram>::trusted_write(&self.#name, &mut out[#range]); }
        } else {
            quote! { <#ty as ::codec::derived::Value>::write(&self.#name, &mut out[#range], &FIELDS[#index]); }
        }
    }

    fn accessor(&self, visibility: &syn::Visibility) -> TokenStream {
        let (name, ty, range, index) = (self.name(), self.member.field.ty, self.range(), self.index);
        let spec = self.member.spec;
        let about = format!("{}: {} at {}..{}.", spec.title, spec.kind, spec.at, spec.at + spec.len);
        if self.is_group() {
            quote! {
                #[doc = #about]
                #[inline]
                #visibility fn #name(self) -> <#ty as ::codec::Telegram>::View<'a> {
                    <#ty as ::codec::Telegram>::trusted_view(&self.bytes[#range])
                }
            }
        } else {
            quote! {
                #[doc = #about]
                #[inline]
                #visibility fn #name(self) -> #ty {
                    <#ty as ::codec::derived::Value>::read(
                        &self.bytes[#range],
                        &FIELDS[#index],
                    )
                }
            }
        }
    }

    /// The group's type is a telegram of the group's layout.
    fn group_check(&self) -> Option<TokenStream> {
        let group = self.member.spec.group.as_ref()?;
        let (ty, expected, length) = (self.member.field.ty, &group.name, group.length);
        let message = format!("the field \"{}\" must be a telegram of the spec {expected}", self.name());
        Some(quote! {
            const _: () = assert!(
                ::codec::derived::same_name(<#ty as ::codec::Telegram>::LAYOUT.name, #expected)
                    && <#ty as ::codec::Telegram>::LENGTH == #length,
                #message
            );
        })
    }
}

/// One check per field that holds bytes and can be wrong, by the same table that blame is told from.
fn conformance(layout: &Layout) -> Vec<TokenStream> {
    let mut checks = Vec::new();
    for (index, flat) in layout.flat_fields().iter().enumerate() {
        let is_free = matches!(flat.field.kind, Kind::Filler | Kind::Binary) && flat.field.value.is_none();
        if !is_free {
            let (start, end) = (flat.at, flat.at + flat.field.len);
            checks.push(quote! { ::codec::derived::conforms(&bytes[#start..#end], &FIELDS[#index]) });
        }
    }
    checks
}

fn layout_table(layout: &Layout) -> TokenStream {
    let (name, title, length) = (&layout.name, &layout.title, layout.length);
    let flat = layout.flat_fields();
    let fields = flat.iter().map(field_row);
    quote! { ::codec::Layout { name: #name, title: #title, length: #length, fields: &[#(#fields),*] } }
}

fn field_row(flat: &FlatField<'_>) -> TokenStream {
    let field = flat.field;
    let (path, title, at, len, pad) = (&flat.path, &field.title, flat.at, field.len, field.pad);
    let kind = match field.kind {
        Kind::Number => quote!(Number),
        Kind::Digits => quote!(Digits),
        Kind::Text => quote!(Text),
        Kind::Korean => quote!(Korean),
        Kind::Datetime => {
            let format = format_variant(field.format.expect("the reader gives every datetime a format"));
            quote!(Datetime(::codec::Format::#format))
        }
        Kind::Code => quote!(Code),
        Kind::Binary => quote!(Binary),
        Kind::Filler | Kind::Group => quote!(Filler),
    };
    let align = match field.align {
        Align::Left => quote!(Left),
        Align::Right => quote!(Right),
    };
    let constant = if let Some(value) = field.padded_value() {
        let value = Literal::byte_string(&value);
        quote!(Some(#value))
    } else {
        quote!(None)
    };
    let (secret, blank_is_absent) = (field.secret.is_some(), field.blank_is_absent);
    quote! {
        ::codec::Field {
            name: #path, title: #title, at: #at, len: #len, kind: ::codec::Kind::#kind, align: ::codec::Align::#align,
            pad: #pad, constant: #constant, secret: #secret, blank_is_absent: #blank_is_absent,
        }
    }
}

fn format_variant(format: Format) -> TokenStream {
    match format {
        Format::DateTime => quote!(DateTime),
        Format::ShortDateTime => quote!(ShortDateTime),
        Format::MonthDayTime => quote!(MonthDayTime),
        Format::Date => quote!(Date),
        Format::ShortDate => quote!(ShortDate),
        Format::Time => quote!(Time),
    }
}

/// A telegram of constants and padding.
fn template(layout: &Layout) -> Vec<u8> {
    layout
        .flat_fields()
        .iter()
        .flat_map(|flat| flat.field.padded_value().unwrap_or_else(|| vec![flat.field.pad; flat.field.len]))
        .collect()
}
