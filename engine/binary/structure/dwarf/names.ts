/**
 * What DWARF's numbers are called (DWARF 5, 7.5 to 7.27; extensions of GNU and LLVM). Without their prefixes: `subprogram` is
 * DW_TAG_subprogram. Data.
 */

/** Numbers in a row from the first on; `.` is one without a name. */
function from(first: number, names: string): readonly (readonly [number, string])[] {
  return names
    .trim()
    .split(/\s+/)
    .map((name, i) => [first + i, name] as const)
    .filter(([, name]) => name !== '.');
}

const TAGS = new Map([
  ...from(
    0x01,
    `array_type class_type entry_point enumeration_type formal_parameter . . imported_declaration . label
     lexical_block . member . pointer_type reference_type compile_unit string_type structure_type . subroutine_type
     typedef union_type unspecified_parameters variant common_block common_inclusion inheritance inlined_subroutine
     module ptr_to_member_type set_type subrange_type with_stmt access_declaration base_type catch_block const_type
     constant enumerator file_type friend namelist namelist_item packed_type subprogram template_type_parameter
     template_value_parameter thrown_type try_block variant_part variable volatile_type dwarf_procedure
     restrict_type interface_type namespace imported_module unspecified_type partial_unit imported_unit . condition
     shared_type type_unit rvalue_reference_type template_alias coarray_type generic_subrange dynamic_type
     atomic_type call_site call_site_parameter skeleton_unit immutable_type`,
  ),
  ...from(
    0x4106,
    'GNU_template_template_param GNU_template_parameter_pack GNU_formal_parameter_pack GNU_call_site GNU_call_site_parameter',
  ),
  ...from(0x6000, 'LLVM_annotation'),
]);

const ATTRIBUTES = new Map([
  ...from(
    0x01,
    `sibling location name . . . . . ordering . byte_size bit_offset bit_size . . stmt_list low_pc high_pc language .
     discr discr_value visibility import string_length common_reference comp_dir const_value containing_type
     default_value . inline is_optional lower_bound . . producer . prototyped . . return_addr . start_scope .
     bit_stride upper_bound . abstract_origin accessibility address_class artificial base_types calling_convention
     count data_member_location decl_column decl_file decl_line declaration discr_list encoding external frame_base
     friend identifier_case macro_info namelist_item priority segment specification static_link type use_location
     variable_parameter virtuality vtable_elem_location allocated associated data_location byte_stride entry_pc
     use_UTF8 extension ranges trampoline call_column call_file call_line description binary_scale decimal_scale
     small decimal_sign digit_count picture_string mutable threads_scaled explicit object_pointer endianity
     elemental pure recursive signature main_subprogram data_bit_offset const_expr enum_class linkage_name
     string_length_bit_size string_length_byte_size rank str_offsets_base addr_base rnglists_base . dwo_name
     reference rvalue_reference macros call_all_calls call_all_source_calls call_all_tail_calls call_return_pc
     call_value call_origin call_parameter call_pc call_tail_call call_target call_target_clobbered
     call_data_location call_data_value noreturn alignment export_symbols deleted defaulted loclists_base`,
  ),
  [0x2007, 'MIPS_linkage_name'],
  ...from(
    0x2110,
    'GNU_template_name GNU_call_site_value GNU_call_site_data_value GNU_call_site_target GNU_call_site_target_clobbered GNU_tail_call GNU_all_tail_call_sites GNU_all_call_sites GNU_all_source_call_sites GNU_macros',
  ),
  ...from(
    0x2130,
    'GNU_dwo_name GNU_dwo_id GNU_ranges_base GNU_addr_base GNU_pubnames GNU_pubtypes GNU_discriminator',
  ),
  ...from(0x3e00, 'LLVM_include_path LLVM_config_macros LLVM_sysroot LLVM_tag_offset'),
  [0x3e07, 'LLVM_apinotes'],
  ...from(
    0x3fe1,
    'APPLE_optimized APPLE_flags APPLE_isa APPLE_block APPLE_major_runtime_vers APPLE_runtime_class APPLE_omit_frame_ptr APPLE_property_name APPLE_property_getter APPLE_property_setter APPLE_property_attribute APPLE_objc_complete_type APPLE_property APPLE_objc_direct APPLE_sdk APPLE_origin',
  ),
]);

const FORMS = new Map([
  ...from(
    0x01,
    `addr . block2 block4 data2 data4 data8 string block block1 data1 flag sdata strp udata ref_addr ref1 ref2 ref4
     ref8 ref_udata indirect sec_offset exprloc flag_present strx addrx ref_sup4 strp_sup data16 line_strp ref_sig8
     implicit_const loclistx rnglistx ref_sup8 strx1 strx2 strx3 strx4 addrx1 addrx2 addrx3 addrx4`,
  ),
  [0x1f01, 'GNU_addr_index'],
  [0x1f02, 'GNU_str_index'],
  [0x1f20, 'GNU_ref_alt'],
  [0x1f21, 'GNU_strp_alt'],
]);

const OPERATIONS = new Map([
  [0x03, 'addr'],
  [0x06, 'deref'],
  ...from(
    0x08,
    `const1u const1s const2u const2s const4u const4s const8u const8s constu consts dup drop over pick swap rot xderef
     abs and div minus mod mul neg not or plus plus_uconst shl shr shra xor bra eq ge gt le lt ne skip`,
  ),
  ...from(0x30, Array.from({ length: 32 }, (_, i) => `lit${i}`).join(' ')),
  ...from(0x50, Array.from({ length: 32 }, (_, i) => `reg${i}`).join(' ')),
  ...from(0x70, Array.from({ length: 32 }, (_, i) => `breg${i}`).join(' ')),
  ...from(
    0x90,
    `regx fbreg bregx piece deref_size xderef_size nop push_object_address call2 call4 call_ref form_tls_address
     call_frame_cfa bit_piece implicit_value stack_value implicit_pointer addrx constx entry_value const_type
     regval_type deref_type xderef_type convert reinterpret`,
  ),
  [0xe0, 'GNU_push_tls_address'],
  [0xed, 'WASM_location'],
  [0xf0, 'GNU_uninit'],
  [0xf3, 'GNU_entry_value'],
]);

const LINE_STANDARD = new Map(
  from(
    0x01,
    `copy advance_pc advance_line set_file set_column negate_stmt set_basic_block const_add_pc fixed_advance_pc
     set_prologue_end set_epilogue_begin set_isa`,
  ),
);

const LINE_EXTENDED = new Map(from(0x01, 'end_sequence set_address define_file set_discriminator'));

const LINE_CONTENT = new Map([
  ...from(0x01, 'path directory_index timestamp size MD5'),
  [0x2001, 'LLVM_source'],
]);

const RANGE_ENTRIES = new Map(
  from(
    0x00,
    'end_of_list base_addressx startx_endx startx_length offset_pair base_address start_end start_length',
  ),
);

const LOCATION_ENTRIES = new Map(
  from(
    0x00,
    'end_of_list base_addressx startx_endx startx_length offset_pair default_location base_address start_end start_length',
  ),
);

const UNIT_TYPES = new Map(from(0x01, 'compile type partial skeleton split_compile split_type'));

const ENCODINGS = new Map(
  from(
    0x01,
    `address boolean complex_float float signed signed_char unsigned unsigned_char imaginary_float packed_decimal
     numeric_string edited signed_fixed unsigned_fixed decimal_float UTF UCS ASCII`,
  ),
);

const LANGUAGES = new Map([
  ...from(
    0x01,
    `C89 C Ada83 C_plus_plus Cobol74 Cobol85 Fortran77 Fortran90 Pascal83 Modula2 Java C99 Ada95 Fortran95 PLI ObjC
     ObjC_plus_plus UPC D Python OpenCL Go Modula3 Haskell C_plus_plus_03 C_plus_plus_11 OCaml Rust C11 Swift Julia
     C_plus_plus_14 Fortran03 Fortran08 RenderScript BLISS Kotlin Zig Crystal . C_plus_plus_17 C_plus_plus_20 C17
     Fortran18 Ada2005 Ada2012`,
  ),
  [0x8001, 'Mips_Assembler'],
]);

const INDEX_ATTRIBUTES = new Map([
  ...from(0x01, 'compile_unit type_unit die_offset parent type_hash'),
  ...from(0x2000, 'GNU_internal GNU_external'),
]);

/** Those with an operand in their opcode are numbered as 0x40, 0x80 and 0xc0. */
const FRAME_INSTRUCTIONS = new Map([
  ...from(
    0x00,
    `nop set_loc advance_loc1 advance_loc2 advance_loc4 offset_extended restore_extended undefined same_value register
     remember_state restore_state def_cfa def_cfa_register def_cfa_offset def_cfa_expression expression
     offset_extended_sf def_cfa_sf def_cfa_offset_sf val_offset val_offset_sf val_expression`,
  ),
  ...from(0x2d, 'GNU_window_save GNU_args_size GNU_negative_offset_extended'),
  [0x40, 'advance_loc'],
  [0x80, 'offset'],
  [0xc0, 'restore'],
]);

const MACROS = new Map(
  from(
    0x01,
    `define undef start_file end_file define_strp undef_strp import define_sup undef_sup import_sup define_strx
     undef_strx`,
  ),
);

/** Of DWARF 2 to 4. */
const OLD_MACROS = new Map([...from(0x01, 'define undef start_file end_file'), [0xff, 'vendor_ext']]);

/** Which numbers are meant. */
export type DwarfNumber =
  | 'TAG'
  | 'AT'
  | 'FORM'
  | 'OP'
  | 'LNS'
  | 'LNE'
  | 'LNCT'
  | 'RLE'
  | 'LLE'
  | 'UT'
  | 'ATE'
  | 'IDX'
  | 'CFA'
  | 'MACRO'
  | 'MACINFO'
  | 'LANG';

const NAMES: Readonly<Record<DwarfNumber, ReadonlyMap<number, string>>> = {
  TAG: TAGS,
  AT: ATTRIBUTES,
  FORM: FORMS,
  OP: OPERATIONS,
  LNS: LINE_STANDARD,
  LNE: LINE_EXTENDED,
  LNCT: LINE_CONTENT,
  RLE: RANGE_ENTRIES,
  LLE: LOCATION_ENTRIES,
  UT: UNIT_TYPES,
  ATE: ENCODINGS,
  IDX: INDEX_ATTRIBUTES,
  CFA: FRAME_INSTRUCTIONS,
  MACRO: MACROS,
  MACINFO: OLD_MACROS,
  LANG: LANGUAGES,
};

/** `DW_TAG_subprogram`; of an unknown number, `DW_TAG_0x4109`. */
export function dwarfName(what: DwarfNumber, n: number): string {
  return `DW_${what}_${NAMES[what].get(n) ?? `0x${n.toString(16)}`}`;
}

/** The number with this name, which must be there. */
export function dwarfCode(what: DwarfNumber, name: string): number {
  for (const [code, known] of NAMES[what]) if (known === name) return code;
  throw new TypeError(`DW_${what}_${name}: there is none`);
}
