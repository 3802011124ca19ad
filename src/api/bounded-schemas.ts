import { Type, type SchemaOptions, type TArray, type TRecord, type TString } from '@sinclair/typebox';

/** Lists and maps of texts in bodies; each has a bound, which is refused by the name of the member. */

export function strings(maxItems: number, options: SchemaOptions = {}): TArray<TString> {
  return Type.Array(Type.String(), { ...options, maxItems });
}

export function texts(maxProperties: number, options: SchemaOptions = {}): TRecord<TString, TString> {
  return Type.Record(Type.String(), Type.String(), { ...options, maxProperties });
}
