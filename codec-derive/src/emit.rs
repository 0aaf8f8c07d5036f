//! Writes the implementation: tables, view, patch, decoding and encoding.

mod part;
mod scan;
mod table;

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use specs::Layout;

use self::part::Part;
use crate::attributes::Record;
use crate::compare::Member;
use crate::spec::Spec;

/// The whole expansion.
pub(crate) fn emit(record: &Record<'_>, spec: &Spec, members: &[Member<'_>]) -> TokenStream {
    let name = record.name;
    let (view, patch) = (format_ident!("{name}View"), format_ident!("{name}Patch"));
    let layout = &spec.layout;
    let length = layout.length;
    let table = table::layout(layout);
    let template = Literal::byte_string(&table::template(layout));
    let parts: Vec<Part<'_>> = members.iter().map(|member| Part::new(member, layout)).collect();

    let scan = scan::emit(layout);
    let reads = parts.iter().map(Part::read);
    let fits = parts.iter().map(Part::fits);
    let writes = parts.iter().map(Part::write);
    let checks = parts.iter().map(Part::type_check);
    let files = spec.files.iter().map(|file| {
        let file = file.to_string_lossy();
        quote! { const _: &[u8] = include_bytes!(#file); }
    });
    let structs = emit_structs(record, layout);
    let view_impls = emit_view(record, &parts);
    let patch_impls = emit_patch(record, &parts);

    quote! {
        #structs

        const _: () = {
            #(#files)*
            #(#checks)*

            const FIELDS: &[::codec::Field] = <#name as ::codec::Telegram>::LAYOUT.fields;

            #view_impls
            #patch_impls

            #[automatically_derived]
            impl ::codec::Telegram for #name {
                type View<'a> = #view<'a>;
                type Patch<'a> = #patch<'a>;
                const LENGTH: usize = #length;
                const LAYOUT: &'static ::codec::Layout = &#table;

                fn encode(&self, out: &mut impl ::codec::derived::BufMut) -> ::core::result::Result<(), ::codec::Error> {
                    ::codec::derived::append::<Self, #length>(self, out)
                }

                #[inline]
                fn conforms(bytes: &[u8]) -> bool {
                    let Ok(bytes) = <&[u8; #length]>::try_from(bytes) else { return false };
                    #scan
                }

                #[inline]
                fn trusted_view(bytes: &[u8]) -> Self::View<'_> {
                    #view { bytes: bytes.try_into().expect("a view is of a whole telegram") }
                }

                #[inline]
                fn trusted_patch(bytes: &mut [u8]) -> Self::Patch<'_> {
                    #patch { bytes: bytes.try_into().expect("a patch is of a whole telegram") }
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
                    *out = *#template;
                    #(#writes)*
                }
            }
        };
    }
}

fn emit_structs(record: &Record<'_>, layout: &Layout) -> TokenStream {
    let (name, visibility) = (record.name, record.visibility);
    let (view, patch) = (format_ident!("{name}View"), format_ident!("{name}Patch"));
    let length = layout.length;
    let about_view = format!("A validated {} ({}) in place: {length} bytes.", layout.name, layout.title);
    let about_patch =
        format!("A validated {} ({}) in place, to set fields of: {length} bytes.", layout.name, layout.title);
    quote! {
        #[doc = #about_view]
        #[derive(Clone, Copy)]
        #visibility struct #view<'a> {
            bytes: &'a [u8; #length],
        }

        #[doc = #about_patch]
        #[allow(dead_code, reason = "a telegram can be patched, whether it is or not")]
        #visibility struct #patch<'a> {
            bytes: &'a mut [u8; #length],
        }
    }
}

fn emit_view(record: &Record<'_>, parts: &[Part<'_>]) -> TokenStream {
    let (name, visibility) = (record.name, record.visibility);
    let view = format_ident!("{name}View");
    let view_name = view.to_string();
    let to_owned = format!("Reads every field into a [`{name}`].");
    let accessors = parts.iter().map(|part| part.accessor(visibility));
    let parsers = parts.iter().filter_map(|part| part.parser(visibility));
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
            #(#parsers)*

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

fn emit_patch(record: &Record<'_>, parts: &[Part<'_>]) -> TokenStream {
    let (name, visibility) = (record.name, record.visibility);
    let (view, patch) = (format_ident!("{name}View"), format_ident!("{name}Patch"));
    let setters = parts.iter().map(|part| part.setter(visibility, name));
    quote! {
        #[automatically_derived]
        #[allow(dead_code, reason = "a patch offers every field, used or not")]
        impl #patch<'_> {
            #(#setters)*

            /// The telegram as it stands now.
            #visibility fn view(&self) -> #view<'_> {
                #view { bytes: self.bytes }
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Debug for #patch<'_> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.view(), f)
            }
        }
    }
}
