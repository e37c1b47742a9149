; The largest of three numbers.
(set-logic LIA)
(synth-fun max3 ((x Int) (y Int) (z Int)) Int
    ((Number Int) (Test Bool))
    ((Number Int (x y z 0 1 (+ Number Number) (- Number Number) (ite Test Number Number)))
     (Test Bool ((<= Number Number) (>= Number Number) (and Test Test) (or Test Test) (not Test)))))
(declare-var x Int)
(declare-var y Int)
(declare-var z Int)
(constraint (and (>= (max3 x y z) x) (>= (max3 x y z) y) (>= (max3 x y z) z)))
(constraint (or (= x (max3 x y z)) (= y (max3 x y z)) (= z (max3 x y z))))
(check-synth)
