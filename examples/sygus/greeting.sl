; "Dear Ann," for a name, and a greeting that fits where the name is missing.
(set-logic SLIA)
(synth-fun greeting ((name String)) String
    ((Text String) (Number Int) (Test Bool))
    ((Text String (name "" "," "Dear " "Hello" (str.++ Text Text) (ite Test Text Text)))
     (Number Int (0 1 (str.len Text)))
     (Test Bool ((= Text Text) (< Number Number)))))
(declare-var name String)
(constraint (=> (= name "") (= (greeting name) "Hello,")))
(constraint (=> (> (str.len name) 0) (str.prefixof "Dear " (greeting name))))
(constraint (=> (not (= name "")) (str.suffixof (str.++ name ",") (greeting name))))
(constraint (<= (str.len (greeting name)) (+ 6 (str.len name))))
(check-synth)
