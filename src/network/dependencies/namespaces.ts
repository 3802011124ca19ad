import type { Attachment, Liveness } from '../../model/attachment.js';

/** A network namespace held open, so that facts about it stay true until `close`, wherever its path leads meanwhile. */
export interface HeldNamespace {
  readonly path: string;
  readonly descriptor: number;
  /** Differs from the mark of any namespace that the path may lead to later. */
  readonly mark: string;
  close(): void;
}

/** The network namespaces of this host, in the places where runtimes and people keep them. */
export interface ContainerNamespaces {
  /**
   * @param nameOrPath a path of a known place, or the name of a namespace there
   * @returns its path; undefined for a name that no namespace has
   * @throws NetworkError invalid
   */
  find(nameOrPath: string): string | undefined;
  /** Whether the namespace of an attachment is there, and is the one that it was made in. @throws NetworkError storage */
  judge(attachment: Attachment): Liveness;
  /**
   * Opens a namespace for a connect.
   *
   * @returns undefined when no namespace is at the path
   * @throws NetworkError invalid for a namespace of the host's own, and storage
   */
  hold(netns: string): HeldNamespace | undefined;
  /** Names of the links in a namespace. @throws NetworkError invalid */
  links(namespace: HeldNamespace): Promise<ReadonlySet<string>>;
}
